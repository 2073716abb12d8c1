/** Lets one loop sleep until something happened or a time came. A wake-up while nobody sleeps ends the next sleep at once. */
import type { Clock } from '../clock.ts';

export class Wakeup {
  readonly #clock: Clock;
  #pending = false;
  #end: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wake(): void {
    this.#pending = true;
    this.#end?.();
  }

  async sleep(ms: number): Promise<void> {
    if (!this.#pending && ms > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.timer(ms, resolve);
        this.#end = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#end = undefined;
    this.#pending = false;
  }
}
