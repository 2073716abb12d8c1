/**
 * How far a mailbox may be forgotten. Messages are done in any order; the mark is the last one up to which all are.
 *
 * Invariant: the mark never goes back, and never passes a message that is not done, but for one: of more than `limit` messages
 * that wait behind it the oldest is given up, as a mailbox that is not cut would fill up and lose them all.
 */
export class SettleMark {
  readonly #limit: number;
  readonly #onGivenUp: (id: string) => void;
  /** In the order of taking; true: done. */
  readonly #taken = new Map<string, boolean>();
  #id: string | undefined;

  constructor(limit: number, onGivenUp: (id: string) => void) {
    this.#limit = limit;
    this.#onGivenUp = onGivenUp;
  }

  /** Everything up to and including this message is done; undefined: nothing is. */
  get id(): string | undefined {
    return this.#id;
  }

  /** @param id comes after all that were taken before */
  take(id: string): void {
    this.#taken.set(id, false);
    this.#advance();
  }

  /** Of one that was taken; saying it again, or of one that was given up, changes nothing. */
  done(id: string): void {
    if (!this.#taken.has(id)) return;
    this.#taken.set(id, true);
    this.#advance();
  }

  #advance(): void {
    for (const [id, done] of this.#taken) {
      if (!done && this.#taken.size <= this.#limit) return;
      if (!done) this.#onGivenUp(id);
      this.#taken.delete(id);
      this.#id = id;
    }
  }
}
