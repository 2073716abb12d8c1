/**
 * A process as the world sees it: it can be killed, frozen, and cut off from the store. Invariants: nothing of a dead process
 * ever goes on; a frozen one goes on where it was, with what it believed; one that is cut off runs and only asks in vain.
 */
import { LogError, type Clock } from '@switchboard/event-log';
import type { SimClock } from './clock.ts';
import { hazardsAfter, hazardsBefore, type Hazard, type Hazards } from './hazards.ts';
import { Random } from './random.ts';
import type { Weather } from './weather.ts';

export interface ProcessParts {
  readonly clock: SimClock;
  readonly weather: Weather;
  readonly hazards: Hazards;
  /** Unique in the run: a new one at each start. */
  readonly name: string;
  /** Nobody reaches the store before that. */
  readonly outageUntil: () => number;
}

const never = new Promise<never>(() => undefined);
const unavailable = () => new LogError('unavailable', 'injected');

export class SimProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly #parts: ProcessParts;
  readonly #startedAt: number;
  #alive = true;
  #frozenUntil = 0;
  #cut: { readonly until: number; readonly operation: string | undefined } | undefined;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.monotonic();
    this.name = parts.name;
    this.random = new Random(`${parts.weather.seed} ${parts.name}`).next;
    this.clock = { monotonic: parts.clock.monotonic, timer: (ms, fn) => this.#timer(ms, fn) };
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  /** It is there, not frozen and not cut off. */
  get isWell(): boolean {
    return this.#alive && this.#now() >= Math.max(this.#frozenUntil, this.#cut?.until ?? 0);
  }

  /** It has been well for so long that others know, and that it knows what became of it, ms. */
  isWellFor(ms: number): boolean {
    const troubled = Math.max(this.#startedAt, this.#frozenUntil, this.#cut?.until ?? 0, this.#parts.outageUntil());
    return this.#alive && this.#now() >= troubled + ms;
  }

  kill(): void {
    this.#alive = false;
  }

  freeze(ms: number): void {
    this.#frozenUntil = Math.max(this.#frozenUntil, this.#now() + ms);
  }

  /** From the store, or from one operation of it only (as when one node of a Redis Cluster is away). */
  cutOff(ms: number, operation: string | undefined): void {
    this.#cut = { until: this.#now() + ms, operation };
  }

  /** On the way to the store. Undefined: at once. */
  before(operation: string): Promise<void> | undefined {
    const delay = this.#parts.weather.delay(this.name, operation, this.#now());
    const hazard = this.#parts.hazards.take(operation, hazardsBefore);
    const free = delay === 0 && hazard === undefined && this.#isFree(operation);
    return free ? undefined : this.#go(operation, hazard, delay);
  }

  /** On the way back. */
  after(operation: string): Promise<void> | undefined {
    const hazard = this.#parts.hazards.take(operation, hazardsAfter);
    return hazard === undefined && this.#isFree(operation) ? undefined : this.#go(operation, hazard, 0);
  }

  #isFree(operation: string): boolean {
    return this.#alive && this.#now() >= this.#frozenUntil && this.#reaches(operation);
  }

  #reaches(operation: string): boolean {
    const cut = this.#cut?.operation === undefined || this.#cut.operation === operation ? (this.#cut?.until ?? 0) : 0;
    return this.#now() >= Math.max(cut, this.#parts.outageUntil());
  }

  async #go(operation: string, hazard: Hazard | undefined, delay: number): Promise<void> {
    await this.#running();
    if (hazard?.kind === 'refused' || hazard?.kind === 'reply lost') throw unavailable();
    if (hazard?.kind === 'crash before' || hazard?.kind === 'crash after') await this.#crash(hazard.onCrash);
    if (hazard !== undefined) this.freeze(hazard.ms);
    if (delay > 0) await this.#sleep(delay);
    await this.#running();
    if (!this.#reaches(operation)) throw unavailable();
  }

  async #running(): Promise<void> {
    if (!this.#alive) await never;
    while (this.#now() < this.#frozenUntil) {
      await this.#sleep(this.#frozenUntil - this.#now());
      if (!this.#alive) await never;
    }
  }

  async #crash(onCrash: () => void): Promise<void> {
    this.kill();
    onCrash();
    await never;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#parts.clock.timer(ms, resolve));
  }

  #timer(ms: number, fn: () => void): () => void {
    let cancel = this.#parts.clock.timer(ms, () => {
      if (!this.#alive) return;
      if (this.#now() >= this.#frozenUntil) fn();
      else cancel = this.#timer(this.#frozenUntil - this.#now(), fn);
    });
    return () => {
      cancel();
    };
  }

  #now(): number {
    return this.#parts.clock.monotonic();
  }
}
