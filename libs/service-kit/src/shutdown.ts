/**
 * The orderly stop of a process: what was started last is stopped first.
 *
 *   collecting --run()--> stopping --stack empty--> stopped
 *
 * Invariant: every step runs once, and none holds up the stop for longer than its deadline.
 */
import type { Logger } from './logger.ts';

export type StopStep = () => unknown;

export interface ShutdownReport {
  /** Names of the steps that threw or passed their deadline. */
  failed: string[];
}

interface Step {
  name: string;
  stop: StopStep;
  deadlineMs: number;
}

export class Shutdown {
  readonly #logger: Logger;
  readonly #steps: Step[] = [];
  readonly #failed: string[] = [];
  #running: Promise<ShutdownReport> | undefined;
  #stopped = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** True from the first `run()` on. */
  get started(): boolean {
    return this.#running !== undefined;
  }

  /**
   * Puts a step on the stack. Something that came up while the process was stopping already is stopped next.
   * @param stop may return a promise; what it resolves to is ignored
   * @param deadlineMs how long the stop may take before the next step begins without it
   */
  add(name: string, stop: StopStep, deadlineMs = 5_000): void {
    const step = { name, stop, deadlineMs };
    if (this.#stopped) void this.#stopOne(step);
    else this.#steps.push(step);
  }

  /** Runs all steps in reverse order. Later calls get the same stop; it never rejects. */
  run(reason: string): Promise<ShutdownReport> {
    this.#running ??= this.#stopAll(reason);
    return this.#running;
  }

  async #stopAll(reason: string): Promise<ShutdownReport> {
    this.#logger.info({ reason, steps: this.#steps.length }, 'stopping');
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) await this.#stopOne(step);
    this.#stopped = true;
    this.#logger.info({ reason, failed: this.#failed }, 'stopped');
    return { failed: [...this.#failed] };
  }

  async #stopOne({ name, stop, deadlineMs }: Step): Promise<void> {
    const timer = new AbortController();
    const startedAt = performance.now();
    try {
      await Promise.race([Promise.resolve().then(stop), deadline(deadlineMs, timer.signal)]);
      this.#logger.debug({ step: name, ms: Math.round(performance.now() - startedAt) }, 'step stopped');
    } catch (err) {
      this.#failed.push(name);
      this.#logger.warn({ step: name, err }, 'step did not stop cleanly');
    } finally {
      timer.abort();
    }
  }
}

function deadline(ms: number, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
