/** In which order gateways are tried, over and over: at first as the page named them; after one is lost, the others by chance and that one last. */
export class Gateways {
  readonly #random: () => number;
  #order: readonly string[];

  constructor(gateways: readonly string[], random: () => number) {
    if (gateways.length === 0) throw new TypeError('no gateway given');
    this.#order = [...gateways];
    this.#random = random;
  }

  /** The one that `take` gives. */
  get next(): string {
    return this.#order[0] ?? '';
  }

  take(): string {
    const { next } = this;
    this.#order = [...this.#order.slice(1), next];
    return next;
  }

  /** Clients of one lost gateway are not all to come to the same other one. */
  lost(gateway: string): void {
    const others = this.#order.filter((each) => each !== gateway).map((each) => ({ each, rank: this.#random() }));
    this.#order = [...others.sort((a, b) => a.rank - b.rank).map(({ each }) => each), gateway];
  }

  /** Those that are not known yet, by the names that `nameOf` gives. */
  learn(gateways: readonly string[], nameOf: (gateway: string) => string): void {
    const known = new Set(this.#order.map(nameOf));
    this.#order = [...this.#order, ...gateways.filter((gateway) => !known.has(nameOf(gateway)))];
  }
}
