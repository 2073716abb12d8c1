/** An event as it stands in the log. */
import type { Event } from '@switchboard/call-model';

export interface LoggedEvent {
  readonly partition: number;
  /** When it was committed, ms of the run. */
  readonly at: number;
  /** When it was decided, ms of the store's time. */
  readonly decidedAt: number;
  /** How far its commit had read the inbox. */
  readonly cursor: string;
  readonly key: string;
  readonly event: Event;
}

export const parseEvent = (body: string): Event => JSON.parse(body) as Event;
