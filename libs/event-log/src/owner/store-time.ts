/** The store's time, carried on by the monotonic clock between its answers. Never goes back. */
import type { Clock } from '../clock.ts';

export class StoreTime {
  readonly #clock: Clock;
  #offset: number;
  #latest = 0;

  constructor(clock: Clock, now: number) {
    this.#clock = clock;
    this.#offset = now - clock.monotonic();
  }

  /** An answer of the store that came just now. */
  heard(now: number): void {
    this.#offset = now - this.#clock.monotonic();
  }

  /** ms since 1970, whole. */
  now(): number {
    this.#latest = Math.max(this.#latest, Math.floor(this.#clock.monotonic() + this.#offset));
    return this.#latest;
  }
}
