/** What is in hand: promises that never reject. */
export class Work {
  readonly #inHand = new Set<Promise<void>>();

  add(work: Promise<void>): Promise<void> {
    this.#inHand.add(work);
    void work.then(() => this.#inHand.delete(work));
    return work;
  }

  /** Resolves when nothing is in hand any more. */
  async idle(): Promise<void> {
    while (this.#inHand.size > 0) await Promise.all(this.#inHand);
  }
}
