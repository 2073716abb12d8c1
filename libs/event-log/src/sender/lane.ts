/**
 * The way to one target: a queue, at most one batch in flight, and what was acknowledged lately.
 *
 *   queued ──▶ in flight ──acknowledged──▶ kept (10 s) ──▶ forgotten
 *                 ▲  │ temporary error: the same batch again; no memory but the reserve: what may not use it is given back
 *                 └──┘ gap: what is missing is put in front again, or the chain is tied to what the target has
 */
import { backoff, sleep, type Clock } from '../clock.ts';
import { isTemporary, LogError } from '../errors.ts';
import type { Logger, Observer } from '../observe.ts';
import { compareSeq } from '../order.ts';
import { addressKey, type Address, type AppendResult, type LogStore, type Mail, type Seq } from '../port.ts';
import { batchLength, sizeOf, withoutRefusable, type Flying, type Queued } from './flight.ts';
import { Kept } from './kept.ts';
import type { SendOptions } from './options.ts';

export interface LaneParts {
  readonly store: Pick<LogStore, 'append'>;
  readonly src: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer: Observer;
  readonly queued: number;
  readonly persistent: boolean;
  readonly random: () => number;
  readonly signal: AbortController;
  readonly nextSeq: () => Seq;
  readonly onGone: () => void;
  readonly onAhead: (last: Seq) => void;
}

const forgottenAfterMs = 30 * 60_000;

export class Lane {
  readonly #parts: LaneParts;
  readonly #to: Address;
  readonly #target: string;
  #queue: Queued[] = [];
  #flying: Flying[] = [];
  readonly #kept = new Kept();
  #last: Seq | undefined;
  #usedAt = -Infinity;
  #running: Promise<void> | undefined;
  #confirming = false;
  /** What may not use the reserve was refused last. */
  #exhausted = false;

  constructor(parts: LaneParts, to: Address) {
    this.#parts = parts;
    this.#to = to;
    this.#target = addressKey(to);
  }

  push(mail: Mail, options: SendOptions): Promise<void> {
    if (this.#parts.signal.signal.aborted) return Promise.reject(new LogError('closed', 'the sender is closed'));
    if (this.#queue.length >= this.#parts.queued) {
      return Promise.reject(new LogError('overloaded', `too much is queued for ${this.#target}`));
    }
    this.#usedAt = this.#parts.clock.monotonic();
    const sent = new Promise<void>((resolve, reject) => {
      const queued: Queued = {
        ...{ mail, stamp: options.stamp, refusable: options.refusable ?? false, bytes: sizeOf(mail) },
        settle: (error) => {
          cancel?.();
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      const cancel = this.#expire(queued, options.expiresMs);
      this.#queue.push(queued);
    });
    this.#running ??= this.#run();
    return sent;
  }

  get pending(): number {
    return this.#queue.length + this.#flying.length;
  }

  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** True if it was idle for so long that its place in the chain may be forgotten; a gap gives it back. */
  forgets(now: number): boolean {
    return this.#kept.expire(now) && this.#running === undefined && now - this.#usedAt > forgottenAfterMs;
  }

  /** The store was away: asks for the last message once more, so that what it forgot is found also if nothing else is sent. */
  confirm(): void {
    const last = this.#running === undefined ? this.#kept.takeLast() : undefined;
    if (last === undefined) return;
    this.#flying = [{ ...last, refusable: false, settle: undefined }];
    this.#confirming = true;
    this.#running = this.#run();
  }

  close(): void {
    this.#fail(new LogError('closed', 'the sender is closed'));
  }

  #expire(queued: Queued, ms: number | undefined): (() => void) | undefined {
    if (ms === undefined) return undefined;
    return this.#parts.clock.timer(ms, () => {
      this.#queue = this.#queue.filter((other) => other !== queued);
      queued.settle(new LogError('timeout', `${this.#target} did not take the message in time`));
    });
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    while (this.#flying.length + this.#queue.length > 0) {
      if (this.#flying.length === 0) this.#flying = this.#nextBatch();
      for (let attempt = 0; this.#flying.length > 0; attempt += 1) await this.#attempt(attempt);
      this.#confirming = false;
    }
    this.#running = undefined;
  }

  /** The chain goes through what was acknowledged: the first of a lane takes its stamp's predecessor. */
  #nextBatch(): Flying[] {
    let last = this.#last;
    return this.#queue.splice(0, batchLength(this.#queue)).map(({ mail, stamp, refusable, settle }) => {
      const flying = { mail, refusable, settle, seq: stamp?.seq ?? this.#parts.nextSeq(), prev: last ?? stamp?.prev };
      last = flying.seq;
      return flying;
    });
  }

  async #attempt(attempt: number): Promise<void> {
    const batch = this.#flying;
    try {
      const mails = batch.map(({ mail, seq, prev }) => ({ ...mail, seq, prev }));
      // What may have arrived by an earlier attempt is not refused any more.
      const refusable = attempt === 0 && batch.some((each) => each.refusable);
      const result = await this.#parts.store.append(this.#to, this.#parts.src, mails, refusable);
      if (refusable) this.#exhausted = false;
      if (this.#flying !== batch) return;
      await this.#take(result, attempt);
    } catch (error) {
      await this.#failed(error, attempt);
    }
  }

  async #take(result: AppendResult, attempt: number): Promise<void> {
    switch (result.kind) {
      case 'appended':
        if (this.#confirming && result.duplicates === 0) this.#report(false, 1, this.#flying[0]?.prev);
        this.#acknowledge(this.#flying.length);
        return;
      case 'gap':
        this.#acknowledge(result.at);
        this.#repair(result.last);
        if (attempt > 2) await this.#pause(attempt);
        return;
      case 'gone':
        this.#fail(new LogError('gone', `${this.#target} declared ${this.#parts.src} dead`));
        this.#parts.onGone();
        return;
      case 'full':
        await this.#refused(attempt);
    }
  }

  #acknowledge(count: number): void {
    const now = this.#parts.clock.monotonic();
    for (const { mail, seq, prev, settle } of this.#flying.splice(0, count)) {
      this.#last = seq;
      this.#kept.add({ mail, seq, prev }, now);
      settle?.();
    }
    this.#kept.expire(now);
  }

  /** `last` is what the target has; the first in flight follows something else. */
  #repair(last: Seq | undefined): void {
    const first = this.#flying[0];
    if (first === undefined) return;
    this.#confirming = false;
    if (first.prev !== undefined && compareSeq(last, first.prev) > 0) this.#parts.onAhead(last ?? first.prev);
    const again = compareSeq(last, first.prev) < 0 ? this.#kept.since(last) : [];
    this.#kept.removeSince(last);
    const whole = again[0] !== undefined && compareSeq(again[0].prev, last) === 0;
    const missing = compareSeq(last, first.prev) < 0 && !whole;
    this.#flying.unshift(...again.map((sent) => ({ ...sent, refusable: false, settle: undefined })));
    if (this.#flying[0] !== undefined) this.#flying[0].prev = last;
    this.#report(missing, again.length, last);
  }

  /** A target that knows nothing at all of this sender has forgotten it (or is new): not a loss, unless something was repaired. */
  #report(missing: boolean, repaired: number, last: Seq | undefined): void {
    const { log, observer, src } = this.#parts;
    const target = this.#target;
    if (missing && last !== undefined) {
      observer.gap?.({ src, target, kind: 'lost' });
      log.error({ src, target, last }, 'messages are lost: the target misses some that are not kept any more');
    } else if (repaired > 0) {
      observer.gap?.({ src, target, kind: 'repaired' });
      log.warn({ src, target, last, messages: repaired }, 'the target lost messages: they are sent again');
    }
  }

  async #refused(attempt: number): Promise<void> {
    const { log, observer, src, persistent } = this.#parts;
    if (this.#to.kind === 'partition' && persistent) {
      await this.#pause(attempt);
      return;
    }
    const messages = this.#flying.length;
    log.warn({ src, target: this.#target, messages }, 'a mailbox is full');
    if (this.#to.kind === 'process') observer.dropped?.({ src, target: this.#target, messages });
    this.#giveUp(this.#to.kind === 'process' ? undefined : new LogError('overloaded', `${this.#target} is full`));
  }

  /** The batch is not sent again; but what was acknowledged once and is being repaired stays promised. */
  #giveUp(error: LogError | undefined): void {
    const now = this.#parts.clock.monotonic();
    for (const { mail, seq, prev, settle } of this.#flying.splice(0)) {
      if (settle === undefined) this.#kept.add({ mail, seq, prev }, now);
      else settle(error);
    }
  }

  async #failed(error: unknown, attempt: number): Promise<void> {
    const { log, src, persistent, signal } = this.#parts;
    if (signal.signal.aborted) return;
    if (attempt === 0 && error instanceof LogError && error.code === 'exhausted') {
      this.#giveBack(error);
      return;
    }
    const target = this.#target;
    const temporary = isTemporary(error);
    if (temporary || (persistent && this.#to.kind === 'partition')) {
      const level = temporary ? 'warn' : 'error';
      if (attempt === 0) log[level]({ src, target, error: String(error) }, 'an append failed and is repeated');
      await this.#pause(attempt);
      return;
    }
    log.error({ src, target, error: String(error) }, 'an append was refused');
    this.#giveUp(error instanceof LogError ? error : new LogError('internal', String(error), error));
  }

  /** Nothing of the batch was taken. What may not use the reserve is given back, the rest goes on without it. */
  #giveBack(error: LogError): void {
    const { log, src } = this.#parts;
    const target = this.#target;
    if (!this.#exhausted)
      log.warn({ src, target, error: error.message }, 'what is new is refused: the store is out of memory');
    this.#exhausted = true;
    const { rest, refused } = withoutRefusable(this.#flying);
    this.#flying = rest;
    for (const { settle } of refused) settle?.(error);
  }

  #pause(attempt: number): Promise<void> {
    return sleep(this.#parts.clock, backoff(attempt, this.#parts.random), this.#parts.signal.signal);
  }

  #fail(error: LogError): void {
    const flying = this.#flying;
    this.#flying = [];
    for (const { settle } of flying) settle?.(error);
    for (const { settle } of this.#queue.splice(0)) settle(error);
  }
}
