/** The deadlines of a call, in ms. They are data: an event holds the moment that follows from them. */
export interface Policy {
  /** How long it rings. */
  readonly ringMs: number;
  /** How long media may take from accept to connected. */
  readonly setupMs: number;
  /** The longest that a call may last once connected. */
  readonly maxCallMs: number;
  /** How long an ended call is remembered, so that late messages get a true answer. */
  readonly tombstoneMs: number;
  /** How often an engaged Line asks its Call whether it still lives. */
  readonly checkMs: number;
}

export const DEFAULT_POLICY: Policy = {
  ringMs: 45_000,
  setupMs: 15_000,
  maxCallMs: 4 * 3_600_000,
  tombstoneMs: 60_000,
  checkMs: 30_000,
};
