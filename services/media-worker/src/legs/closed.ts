/** Attempts that ended lately: whatever still comes for them must make nothing. Bounded in time and number. */
import type { Clock } from '@switchboard/event-log';
import { attemptKey, type AttemptName } from './outbox.ts';

const KEPT_MS = 60_000;
const MAX_ATTEMPTS = 20_000;

export class ClosedAttempts {
  readonly #clock: Clock;
  readonly #closed = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(name: AttemptName): void {
    const key = attemptKey(name);
    this.#closed.delete(key);
    this.#closed.set(key, this.#clock.monotonic());
    const oldest = this.#clock.monotonic() - KEPT_MS;
    for (const [other, at] of this.#closed) {
      if (at > oldest && this.#closed.size <= MAX_ATTEMPTS) return;
      this.#closed.delete(other);
    }
  }

  has(name: AttemptName): boolean {
    return this.#closed.has(attemptKey(name));
  }
}
