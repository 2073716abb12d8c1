/** The deadlines of a call, in ms, and what the platform chose. They are data: an event holds the moment that follows from them. */
export interface Policy {
  /** How long it rings. */
  readonly ringMs: number;
  /** How long media may take from accept to connected. */
  readonly setupMs: number;
  /** How long a broken socket may take to come back; while it rings, until the ring ends. */
  readonly graceMs: number;
  /** The longest that a call may last once connected. */
  readonly maxCallMs: number;
  /** How long an ended call is remembered, so that late messages and repeated requests get a true answer. */
  readonly tombstoneMs: number;
  /** How often an engaged Line asks its Call whether it still lives. */
  readonly checkMs: number;
  /** A callee with no device: the call ends as `unreachable`, or it waits for one while `call.wake` goes to the push service. */
  readonly offlineCallee: 'unreachable' | 'wake';
}

export const DEFAULT_POLICY: Policy = {
  ringMs: 45_000,
  setupMs: 15_000,
  graceMs: 30_000,
  maxCallMs: 4 * 3_600_000,
  tombstoneMs: 60_000,
  checkMs: 30_000,
  offlineCallee: 'unreachable',
};
