/** Whether media flows past one point: it does from the first packet on, and no longer after SILENCE_MS without one. */
export const SILENCE_MS = 2000;

export class Flow {
  readonly #changed: (flowing: boolean) => void;
  #lastAt = 0;
  #flowing = false;

  constructor(changed: (flowing: boolean) => void) {
    this.#changed = changed;
  }

  get flowing(): boolean {
    return this.#flowing;
  }

  /** A packet passed at `now` (ms). */
  passed(now: number): void {
    this.#lastAt = now;
    if (!this.#flowing) this.#set(true);
  }

  /** Called now and then: notices silence. */
  check(now: number): void {
    if (this.#flowing && now - this.#lastAt >= SILENCE_MS) this.#set(false);
  }

  #set(flowing: boolean): void {
    this.#flowing = flowing;
    this.#changed(flowing);
  }
}
