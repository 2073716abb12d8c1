/**
 * Whether the gateway is still there. A network that went away without a word closes no socket, and a page can't see its
 * socket's ping frames: so whoever has heard nothing for a while asks, and takes no answer for the end.
 *
 *   hearing ──nothing for a while──▶ asked ──nothing for ANSWER_MS──▶ silent
 *      ▲────────── anything ───────────┘
 */
import type { Deps } from '../deps.ts';

export interface PulseOptions {
  /** How long it may be quiet before it is asked, ms. */
  readonly quietMs: () => number;
  readonly ask: () => void;
  readonly onSilent: () => void;
}

const ANSWER_MS = 5000;

export class Pulse {
  readonly #deps: Pick<Deps, 'later'>;
  readonly #options: PulseOptions;
  #cancel: () => void = () => undefined;

  constructor(deps: Pick<Deps, 'later'>, options: PulseOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Something came; the first time it begins to watch. */
  heard(): void {
    this.#cancel();
    this.#cancel = this.#deps.later(this.#options.quietMs(), () => this.ask());
  }

  /** Asks at once. */
  ask(): void {
    const { ask, onSilent } = this.#options;
    this.#cancel();
    this.#cancel = this.#deps.later(ANSWER_MS, onSilent);
    ask();
  }

  stop(): void {
    this.#cancel();
  }
}
