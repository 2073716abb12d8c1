/**
 * Asks the store until it answers. Invariant: a question is repeated as it was, so it must be one that may be asked twice;
 * it ends only by an answer or because the owner is halted. It also measures outages: deadlines do not run while the store is away.
 */
import { backoff, sleep, type Clock } from '../clock.ts';
import { isTemporary } from '../errors.ts';
import type { Logger } from '../observe.ts';

/** The owner was told to drop everything. */
export class Halted extends Error {
  override readonly name = 'Halted';
}

const outageMs = 1000;
const longestGraceMs = 15_000;
const refusedMs = 1000;

export interface PatienceParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
}

export class Patience {
  readonly #parts: PatienceParts;
  readonly #halt = new AbortController();
  #quietUntil = 0;
  #failingSince: number | undefined;

  constructor(parts: PatienceParts) {
    this.#parts = parts;
  }

  /** Until when no deadline may fire, in the clock's time: clients get the time back that an outage took from them. */
  get quietUntil(): number {
    return this.#quietUntil;
  }

  get halted(): boolean {
    return this.#halt.signal.aborted;
  }

  halt(): void {
    this.#halt.abort();
  }

  /** Rejects with `Halted` only. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      this.#check();
      try {
        const answer = await question();
        this.#check();
        this.#answered();
        return answer;
      } catch (error) {
        this.#check();
        await this.#pause(error, attempt);
      }
    }
  }

  #check(): void {
    if (this.halted) throw new Halted();
  }

  #answered(): void {
    if (this.#failingSince === undefined) return;
    const now = this.#parts.clock.monotonic();
    const outage = now - this.#failingSince;
    this.#failingSince = undefined;
    if (outage < outageMs) return;
    this.#quietUntil = now + Math.min(outage, longestGraceMs);
    this.#parts.log.warn({ outageMs: Math.round(outage) }, 'the store is back');
  }

  async #pause(error: unknown, attempt: number): Promise<void> {
    const { clock, log, random } = this.#parts;
    this.#failingSince ??= clock.monotonic();
    const temporary = isTemporary(error);
    if (attempt === 0 || !temporary)
      log.warn({ error: String(error), temporary }, 'the store did not do what an owner asked');
    await sleep(clock, backoff(attempt, random) + (temporary ? 0 : refusedMs), this.#halt.signal);
  }
}
