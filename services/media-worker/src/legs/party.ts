/**
 * The legs of one party. Invariants: one is the current one, and only that is asked and heard; the one before it carries media
 * on until the current one is answered; a leg that was replaced never comes back.
 */
import type { LegID } from '@switchboard/protocol';
import type { Leg } from './leg.ts';

/** What is remembered of legs that were replaced: more than a batch of messages can bring again. */
const MAX_REPLACED = 16;

export class Party {
  #current: Leg | undefined;
  #outgoing: Leg | undefined;

  get current(): Leg | undefined {
    return this.#current;
  }

  /** The current leg has this ID, or replaced one that had it. */
  knows(leg: LegID): boolean {
    return this.#current?.legID === leg || (this.#current?.replaced.includes(leg) ?? false);
  }

  /** What a leg that comes now replaces, the oldest first. */
  get replacedByNext(): readonly LegID[] {
    return this.#current === undefined ? [] : [...this.#current.replaced, this.#current.legID].slice(-MAX_REPLACED);
  }

  put(leg: Leg): void {
    if (this.#current?.replace() === 'outgoing') this.#outgoing = this.#current;
    this.#current = leg;
  }

  /** Gives out the leg that carries media on, and forgets it. */
  takeOutgoing(): Leg | undefined {
    const outgoing = this.#outgoing;
    this.#outgoing = undefined;
    return outgoing;
  }
}
