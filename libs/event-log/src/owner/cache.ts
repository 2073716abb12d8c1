/** The states that were used last. Invariant: what is in here is what the store holds; its owner clears it when it is fenced. */
export class StateCache {
  readonly #states = new Map<string, unknown>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(key: string): boolean {
    return this.#states.has(key);
  }

  /** Undefined also for an aggregate that is known to have no record. */
  get(key: string): unknown {
    const state = this.#states.get(key);
    this.set(key, state);
    return state;
  }

  set(key: string, state: unknown): void {
    this.#states.delete(key);
    this.#states.set(key, state);
    if (this.#states.size <= this.#limit) return;
    const oldest = this.#states.keys().next();
    if (oldest.done !== true) this.#states.delete(oldest.value);
  }
}
