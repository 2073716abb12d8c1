/** Tells the cluster that this process is alive: a counter that grows with each beat. */
import type { Clock } from '../clock.ts';
import { silentLogger, type Logger } from '../observe.ts';
import type { LogStore } from '../port.ts';

export interface BeaterOptions {
  readonly store: Pick<LogStore, 'beat' | 'forget'>;
  readonly clock: Clock;
  readonly id: string;
  readonly kind: string;
  /** What others should know now (load, state, address): JSON. */
  readonly info: () => string;
  /** After each beat that got through: how long, in ms, others may have seen none before it. */
  readonly onBeat?: (silentMs: number) => void;
  readonly periodMs?: number;
  readonly log?: Logger;
}

export class Beater {
  readonly #options: BeaterOptions;
  #counter = 0;
  /** When the last beat that got through was on its way, in the clock's time. */
  #sentAt: number | undefined;
  #failing = false;
  #stopped = false;
  #cancel: () => void = () => undefined;
  #beating: Promise<void> = Promise.resolve();

  constructor(options: BeaterOptions) {
    this.#options = options;
  }

  /** Resolves after the first beat was tried; goes on by itself. */
  async start(): Promise<void> {
    await this.beat();
    this.#schedule();
  }

  /** One beat now, out of turn: when `info` changed. Never rejects. */
  async beat(): Promise<void> {
    const { store, clock, id, kind, info, log = silentLogger } = this.#options;
    if (this.#stopped) return;
    try {
      this.#counter += 1;
      const sentAt = clock.monotonic();
      await store.beat({ id, kind, counter: this.#counter, info: info() });
      this.#failing = false;
      const before = this.#sentAt ?? sentAt;
      this.#sentAt = sentAt;
      this.#options.onBeat?.(clock.monotonic() - before);
    } catch (error) {
      if (!this.#failing) log.warn({ error: String(error) }, 'a beat failed');
      this.#failing = true;
    }
  }

  /** Ends the beats and takes this process out of the registry. Never rejects. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#beating;
    await this.#options.store.forget(this.#options.id).catch(() => undefined);
  }

  /** Ends the beats as a crash would: the registry keeps the last one. */
  halt(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.timer(this.#options.periodMs ?? 1000, () => {
      this.#beating = this.beat().then(() => {
        this.#schedule();
      });
    });
  }
}
