/**
 * What campaign.ts exports, for scripts.
 * @typedef {{ readonly seed: number; readonly invariant: string; readonly report: string }} Failure
 * @typedef {object} Simulation
 * @property {(seed: number, options: { shrinks: boolean; trace?: (line: string) => void }) => Promise<Failure | undefined>} check
 * @property {(seed: number, trace?: (line: string) => void) => Promise<unknown>} play
 */
export {};
