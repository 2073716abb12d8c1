/**
 * Candidates of legs that are not there yet: a gateway's way to us may be shorter than the call's. Bounded in every
 * direction: per leg, in legs (the oldest goes first), and in time.
 */
import type { Clock } from '@switchboard/event-log';
import { MAX_HELD_CANDIDATES, type LegID } from '@switchboard/protocol';
import { attemptKey, type AttemptName } from './outbox.ts';
import type { RemoteCandidate } from './remote-candidates.ts';

const MAX_LEGS = 512;
const KEPT_MS = 10_000;

interface Held {
  readonly candidates: RemoteCandidate[];
  readonly since: number;
}

export class HeldCandidates {
  readonly #clock: Clock;
  readonly #legs = new Map<string, Held>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  hold(name: AttemptName, leg: LegID, candidate: RemoteCandidate): void {
    this.#expire();
    const key = keyOf(name, leg);
    const held = this.#legs.get(key) ?? { candidates: [], since: this.#clock.monotonic() };
    if (held.candidates.length < MAX_HELD_CANDIDATES) held.candidates.push(candidate);
    else candidate.done();
    this.#legs.set(key, held);
  }

  /** Gives out what is held for a leg, and forgets it. */
  take(name: AttemptName, leg: LegID): readonly RemoteCandidate[] {
    this.#expire();
    const key = keyOf(name, leg);
    const candidates = this.#legs.get(key)?.candidates ?? [];
    this.#legs.delete(key);
    return candidates;
  }

  #expire(): void {
    const oldest = this.#clock.monotonic() - KEPT_MS;
    for (const [key, { candidates, since }] of this.#legs) {
      if (since > oldest && this.#legs.size <= MAX_LEGS) return;
      this.#legs.delete(key);
      for (const { done } of candidates) done();
    }
  }
}

function keyOf(name: AttemptName, leg: LegID): string {
  return `${attemptKey(name)}/${leg}`;
}
