/** How a single message is to be sent. */
import type { Seq } from '../port.ts';

/** A place in the chain that the sender of a partition's messages has fixed already. */
export interface Stamp {
  readonly seq: Seq;
  readonly prev: Seq | undefined;
}

export interface SendOptions {
  readonly stamp?: Stamp;
  /** Rejects with `timeout` if not acknowledged in so long; it may arrive nevertheless if it was on its way. ms */
  readonly expiresMs?: number;
  /** Begins something new, and is worth no reserve: rejects with `exhausted` while the store has no memory left but that. */
  readonly refusable?: boolean;
}
