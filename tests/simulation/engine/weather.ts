/** How long everything takes. A delay belongs to who, what and when, so that it stays as it is when a script is made shorter. */
import { fraction } from './random.ts';

export type WeatherKind = 'still' | 'breezy' | 'stormy';

/** Operations whose moment matters; the others take no time. */
const slow = new Set(['append', 'commit', 'load', 'read', 'events', 'blobs', 'due', 'take', 'wait']);

export class Weather {
  readonly seed: string;
  readonly #kind: WeatherKind;

  constructor(seed: string, kind: WeatherKind) {
    this.seed = seed;
    this.#kind = kind;
  }

  /** Of an operation on the store, ms. */
  delay(who: string, operation: string, now: number): number {
    if (this.#kind === 'still' || !slow.has(operation)) return 0;
    const chance = fraction(`${this.seed} ${who} ${operation} ${String(now)}`);
    if (this.#kind === 'breezy') return chance < 0.5 ? 0 : Math.floor((chance - 0.5) * 12);
    if (chance < 0.4) return 0;
    return chance < 0.95 ? Math.floor((chance - 0.4) * 90) : Math.floor((chance - 0.95) * 12_000);
  }

  /** Of anything else (a frame on a socket, media), from `least` to `most`, ms. */
  between(least: number, most: number, what: string): number {
    if (this.#kind === 'still') return least;
    return least + Math.floor(fraction(`${this.seed} ${what}`) * (most - least + 1));
  }
}
