/**
 * Says again what this gateway has of a partition that lost writes: one partition after the other, and never much at once, so
 * that nobody else's messages wait behind it.
 */
import { sleep, type Clock } from '@switchboard/event-log';

export interface ReconcilerOptions {
  readonly clock: Clock;
  /** All that may have something to say; each tells whether it had. */
  readonly speakers: () => Iterable<{ reconcile(partition: number): boolean }>;
  /** Aborted: this gateway stops. */
  readonly signal: AbortSignal;
}

/** 4,000 a second. */
const BATCH = 200;
const PAUSE_MS = 50;

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #due = new Set<number>();
  #running = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Never rejects. A partition that waits for its turn already is said once. */
  take(partition: number): void {
    this.#due.add(partition);
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (const partition of this.#due) {
      this.#due.delete(partition);
      await this.#say(partition);
    }
    this.#running = false;
  }

  async #say(partition: number): Promise<void> {
    const { clock, speakers, signal } = this.#options;
    let said = 0;
    for (const speaker of [...speakers()]) {
      if (signal.aborted) return;
      if (!speaker.reconcile(partition)) continue;
      said += 1;
      if (said % BATCH === 0) await sleep(clock, PAUSE_MS, signal);
    }
  }
}
