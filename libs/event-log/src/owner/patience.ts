/**
 * Asks the store until it answers. Invariant: a question is repeated as it was, so it must be one that may be asked twice;
 * it ends by an answer, because the store refuses it for good, or because the owner is halted.
 */
import { backoff, sleep, type Clock } from '../clock.ts';
import { isTemporary } from '../errors.ts';
import type { Logger } from '../observe.ts';
import type { Outages } from './outages.ts';

/** The owner was told to drop everything. */
export class Halted extends Error {
  override readonly name = 'Halted';
}

/** The store refused, and would refuse again: not repeated, for what a script did before its fault would pass for all of it. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export interface PatienceParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly outages: Outages;
}

export class Patience {
  readonly #parts: PatienceParts;
  readonly #halt = new AbortController();

  constructor(parts: PatienceParts) {
    this.#parts = parts;
  }

  get halted(): boolean {
    return this.#halt.signal.aborted;
  }

  halt(): void {
    this.#halt.abort();
  }

  /** For what the store answers only while it takes writes: it shows when an outage ends. Rejects with `Halted` or `Refused` only. */
  ask<T>(question: () => Promise<T>): Promise<T> {
    return this.look(() => this.#parts.outages.watch(question));
  }

  /** For what can be read although nothing can be written. Rejects with `Halted` or `Refused` only. */
  async look<T>(question: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      this.#check();
      try {
        const answer = await question();
        this.#check();
        return answer;
      } catch (error) {
        this.#check();
        if (!isTemporary(error)) throw new Refused(String(error), { cause: error });
        await this.#pause(error, attempt);
      }
    }
  }

  #check(): void {
    if (this.halted) throw new Halted();
  }

  async #pause(error: unknown, attempt: number): Promise<void> {
    const { clock, log, random } = this.#parts;
    if (attempt === 0) log.warn({ error: String(error) }, 'the store did not do what an owner asked');
    await sleep(clock, backoff(attempt, random), this.#halt.signal);
  }
}
