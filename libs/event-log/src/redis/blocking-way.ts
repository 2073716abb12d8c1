/** A blocking reader's way to the master that holds its mailbox. Invariant: it does not wait at a server that another took over from. */
import type { Redis } from 'ioredis';
import { blockingConnection, type ConnectionSettings } from './connection.ts';
import { nameOf, type Endpoint } from './redis-url.ts';

export interface BlockingWayParts {
  readonly settings: ConnectionSettings;
  /** Who holds the mailbox now; undefined: nobody, as far as is known. */
  readonly master: () => Endpoint | undefined;
  readonly onLost: () => void;
  readonly onClose: () => void;
}

export class BlockingWay {
  readonly #parts: BlockingWayParts;
  #held: { readonly name: string; readonly redis: Redis } | undefined;

  constructor(parts: BlockingWayParts) {
    this.#parts = parts;
  }

  /** The connection to that master: the same until it is another. Undefined: nobody holds the mailbox. */
  current(): Redis | undefined {
    const master = this.#parts.master();
    if (master === undefined || this.#held?.name === nameOf(master)) return this.#held?.redis;
    this.#held?.redis.disconnect();
    this.#held = { name: nameOf(master), redis: blockingConnection(this.#parts.settings, master) };
    return this.#held.redis;
  }

  /** Masters may have changed: whoever waits at the wrong one waits no longer. */
  check(): void {
    const master = this.#parts.master();
    if (master !== undefined && this.#held !== undefined && this.#held.name !== nameOf(master)) {
      this.#held.redis.disconnect();
    }
  }

  /** The server did not answer, or does not hold the mailbox any more. */
  lost(): void {
    this.#parts.onLost();
  }

  close(): void {
    this.#held?.redis.disconnect();
    this.#parts.onClose();
  }
}
