/**
 * Sends messages to mailboxes. Invariant: per target, messages arrive in the order of `send`, each once, whatever is lost on
 * the way; one append per target is in flight, and what queues meanwhile is the next batch.
 */
import type { Clock } from '../clock.ts';
import { silentLogger, type Logger, type Observer } from '../observe.ts';
import { addressKey, type Address, type LogStore, type Mail, type Seq } from '../port.ts';
import { Lane, type LaneParts } from './lane.ts';
import type { SendOptions } from './options.ts';

export interface SenderOptions {
  readonly store: Pick<LogStore, 'append'> & Partial<Pick<LogStore, 'onReturn'>>;
  /** Who sends: a process's ID (its messages are numbered here), or `p<partition>` (its messages come with a `stamp`). */
  readonly src: string;
  readonly clock: Clock;
  readonly log?: Logger;
  readonly observer?: Observer;
  /** A target declared this sender dead: it must start over under a new ID. Called once. */
  readonly onGone?: () => void;
  /** A target has a later message of this sender than the one that this sender knows to be its last. */
  readonly onAhead?: (last: Seq) => void;
  /** Most messages queued per target; more are rejected as `overloaded`. */
  readonly queued?: number;
  /** An owner's sender: nothing is ever given up but what a process's mailbox refuses, full or for good. */
  readonly persistent?: boolean;
  readonly random?: () => number;
}

const sweepEveryMs = 10_000;

export class Sender {
  readonly #parts: LaneParts;
  readonly #lanes = new Map<string, Lane>();
  readonly #endReturns: (() => void) | undefined;
  #swept: number;

  constructor(options: SenderOptions) {
    let count = 0;
    let gone = false;
    this.#swept = options.clock.monotonic();
    this.#parts = {
      store: options.store,
      src: options.src,
      clock: options.clock,
      log: options.log ?? silentLogger,
      observer: options.observer ?? {},
      queued: options.queued ?? (options.persistent === true ? Infinity : 10_000),
      persistent: options.persistent ?? false,
      random: options.random ?? Math.random,
      signal: new AbortController(),
      nextSeq: () => [0, 0, ++count],
      onGone: () => {
        if (!gone) options.onGone?.();
        gone = true;
      },
      onAhead: (last) => options.onAhead?.(last),
    };
    this.#endReturns = options.store.onReturn?.(() => {
      for (const lane of this.#lanes.values()) lane.confirm();
    });
  }

  /**
   * Resolves when the message is in the target's mailbox (or was dropped because a process's mailbox is full). Rejects with
   * `overloaded`, `exhausted`, `timeout`, `gone` or `closed`.
   */
  send(to: Address, mail: Mail, options: SendOptions = {}): Promise<void> {
    this.#sweep();
    const key = addressKey(to);
    const lane = this.#lanes.get(key) ?? new Lane(this.#parts, to);
    this.#lanes.set(key, lane);
    return lane.push(mail, options);
  }

  /** Resolves when nothing is queued or on its way any more. */
  async drain(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
  }

  /** Gives up what is queued: it rejects with `closed`. */
  close(): void {
    this.#parts.signal.abort();
    this.#endReturns?.();
    for (const lane of this.#lanes.values()) lane.close();
  }

  /** Messages that are queued or on their way. */
  get pending(): number {
    let pending = 0;
    for (const lane of this.#lanes.values()) pending += lane.pending;
    return pending;
  }

  #sweep(): void {
    const now = this.#parts.clock.monotonic();
    if (now - this.#swept < sweepEveryMs) return;
    this.#swept = now;
    for (const [key, lane] of this.#lanes) if (lane.forgets(now)) this.#lanes.delete(key);
  }
}
