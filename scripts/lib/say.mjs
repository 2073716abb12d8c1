/** What a person reads: one line each, plain words. */

/** An error for a person: its message says what is wrong and what to do, and no stack is shown. */
export class UserError extends Error {}

/** The person, or whoever runs the script, asked it to stop. */
export class Interrupted extends Error {
  /** @param {string} signal */
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

/**
 * @typedef {object} Say
 * @property {(text: string) => void} step a step begins
 * @property {(text: string) => void} note something worth knowing
 * @property {(text: string) => void} problem something went wrong
 */

/** @returns {Say} */
export function makeSay() {
  // The reader may be gone (a closed terminal, `| head`): that must not end the orderly stop.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return {
    step: (text) => void process.stdout.write(`> ${text}\n`),
    note: (text) => void process.stdout.write(`  ${text}\n`),
    problem: (text) => void process.stderr.write(`! ${text}\n`),
  };
}

/** @param {unknown} error @returns {string} a message for a person; for a fault of ours, with the stack */
export function explain(error) {
  if (error instanceof UserError || error instanceof Interrupted) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** @param {number} ms @returns {string} `0.2 s` */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
