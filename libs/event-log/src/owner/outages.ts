/**
 * Outages of the store for one partition, as this process sees them. While the store took no writes nobody could send an accept,
 * so deadlines did not run: as much time again must pass before one may fire. The partition's owner and who renews its lease
 * share one (an owner that has nothing to ask would not notice), and so does the next owner in this process.
 */
import type { Clock } from '../clock.ts';
import { isTemporary } from '../errors.ts';

const outageMs = 1000;
const longestGraceMs = 15_000;

export class Outages {
  readonly #clock: Clock;
  #quietUntil = -Infinity;
  #since: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Until when no deadline may fire, in the clock's time. */
  get quietUntil(): number {
    return this.#quietUntil;
  }

  /** Asks once; what comes of it counts. The question must be one that the store answers only while it takes writes. */
  async watch<T>(question: () => Promise<T>): Promise<T> {
    const asked = this.#clock.monotonic();
    try {
      const answer = await question();
      this.#answered();
      return answer;
    } catch (error) {
      if (isTemporary(error)) this.#since ??= asked;
      throw error;
    }
  }

  #answered(): void {
    if (this.#since === undefined) return;
    const now = this.#clock.monotonic();
    const outage = now - this.#since;
    this.#since = undefined;
    if (outage < outageMs) return;
    this.#quietUntil = Math.max(this.#quietUntil, now + Math.min(outage, longestGraceMs));
  }
}
