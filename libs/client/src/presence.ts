/**
 * Whose presence the page wants to know, and what is known of it; and what this device says of its own user.
 * A socket knows nothing of the one before: both are said again after each login.
 */
import type { MAX_WATCHED, OwnPresence, Presence } from '@switchboard/protocol';
import type { ClientMessageInput, MessageOf } from './wire.ts';

export type { OwnPresence, Presence };

export interface PresenceOf {
  readonly userID: string;
  readonly state: Presence;
}

const MOST: typeof MAX_WATCHED = 500;

export class PresenceBoard {
  readonly #send: (message: ClientMessageInput) => void;
  #watched: ReadonlySet<string> = new Set();
  readonly #states = new Map<string, Presence>();
  #own: OwnPresence | undefined;

  constructor(send: (message: ClientMessageInput) => void) {
    this.#send = send;
  }

  /** Replaces the list; more than 500 are not watched. */
  watch(userIDs: readonly string[]): void {
    this.#watched = new Set([...new Set(userIDs)].slice(0, MOST));
    for (const userID of this.#states.keys()) if (!this.#watched.has(userID)) this.#states.delete(userID);
    this.#sayWatched();
  }

  stateOf(userID: string): Presence | undefined {
    return this.#states.get(userID);
  }

  setOwn(state: OwnPresence): void {
    this.#own = state;
    this.#send({ type: 'setPresence', state });
  }

  loggedIn(): void {
    if (this.#watched.size > 0) this.#sayWatched();
    if (this.#own !== undefined) this.#send({ type: 'setPresence', state: this.#own });
  }

  /** Undefined if nobody asked (any more), or if it is nothing new. */
  changed({ userID, state }: MessageOf<'presenceChanged'>): PresenceOf | undefined {
    if (!this.#watched.has(userID) || this.#states.get(userID) === state) return undefined;
    this.#states.set(userID, state);
    return { userID, state };
  }

  #sayWatched(): void {
    this.#send({ type: 'presence', userIDs: [...this.#watched] });
  }
}
