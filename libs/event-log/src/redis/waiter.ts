/**
 * One blocking connection: one XREAD for all mailboxes. Invariants: a `wait` ends at the latest a little after its `blockMs`,
 * also when the connection is dead without knowing it (the watchdog cuts it). XREAD only tells that there is something; what
 * there is, is asked where commits go too: a server that was the master once and does not know better is never believed.
 */
import type { Redis } from 'ioredis';
import type { Clock } from '../clock.ts';
import { LogError } from '../errors.ts';
import type { Cursor, Cursors, IncomingMail, Waiter } from '../port.ts';
import { storeError } from './connection.ts';

const watchdogMs = 2000;
const wakeAgainMs = 5;

export interface WaiterParts {
  /** The connection to wait on; another one when the mailboxes are elsewhere now; undefined: nowhere. */
  readonly connection: () => Redis | undefined;
  /** Ends the blocking command of a client, over another connection to the same server. */
  readonly unblock: (clientID: number) => Promise<unknown>;
  readonly clock: Clock;
  readonly inboxKey: (cursor: Cursor) => string;
  /** What is after a cursor now. */
  readonly read: (cursor: Cursor) => Promise<readonly IncomingMail[]>;
}

export class RedisWaiter implements Waiter {
  readonly #parts: WaiterParts;
  #blocking: Redis | undefined;
  #clientID: number | undefined;
  #waiting = false;
  #waits = 0;
  #woken = false;
  #closed = false;
  #endIdle: (() => void) | undefined;

  constructor(parts: WaiterParts) {
    this.#parts = parts;
  }

  async wait(cursors: Cursors, blockMs: number): Promise<ReadonlyMap<string, readonly IncomingMail[]>> {
    if (this.#closed) throw new LogError('closed', 'the waiter is closed');
    try {
      return await this.#read(await this.#connect(), cursors, blockMs);
    } catch (error) {
      throw storeError(error);
    } finally {
      this.#waiting = false;
      this.#woken = false;
    }
  }

  wake(): void {
    if (this.#woken) return;
    this.#woken = true;
    this.#endIdle?.();
    if (this.#waiting) this.#unblock(this.#waits);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#endIdle?.();
    this.#blocking?.disconnect();
    return Promise.resolve();
  }

  async #connect(): Promise<Redis> {
    const blocking = this.#parts.connection();
    if (blocking === undefined) throw new LogError('unavailable', 'nobody holds the mailbox');
    if (blocking !== this.#blocking) this.#follow(blocking);
    if (blocking.status === 'wait' || blocking.status === 'end') await blocking.connect();
    this.#clientID ??= await this.#guarded(blocking, blocking.client('ID'), 0);
    return blocking;
  }

  #follow(blocking: Redis): void {
    this.#blocking = blocking;
    this.#clientID = undefined;
    blocking.on('close', () => {
      if (this.#blocking === blocking) this.#clientID = undefined;
    });
  }

  async #read(blocking: Redis, cursors: Cursors, blockMs: number): Promise<Map<string, readonly IncomingMail[]>> {
    const block = Math.max(1, Math.ceil(this.#woken ? 1 : blockMs));
    if (cursors.size === 0) {
      await this.#idle(block);
      return new Map();
    }
    const waits = [...cursors.entries()];
    const keys = waits.map(([, wait]) => this.#parts.inboxKey(wait));
    const ids = waits.map(([, { cursor }]) => cursor);
    this.#waiting = true;
    this.#waits += 1;
    const call = blocking.xread('COUNT', 1, 'BLOCK', block, 'STREAMS', ...keys, ...ids);
    const reply = (await this.#guarded(blocking, call, block)) as [string, unknown][] | null;
    const told = new Set((reply ?? []).map(([key]) => key));
    return this.#found(
      blocking,
      waits.filter((_, index) => told.has(keys[index] ?? '')),
    );
  }

  async #found(
    blocking: Redis,
    told: readonly (readonly [string, Cursor])[],
  ): Promise<Map<string, readonly IncomingMail[]>> {
    const mails = await Promise.all(
      told.map(async ([name, cursor]) => [name, await this.#parts.read(cursor)] as const),
    );
    const found = new Map(mails.filter(([, some]) => some.length > 0));
    if (told.length === 0 || found.size > 0) return found;
    blocking.disconnect(true);
    throw new LogError('unavailable', 'what a server told of is not at the master');
  }

  /** Nothing to wait for but `wake`. */
  async #idle(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#parts.clock.timer(ms, resolve);
      this.#endIdle = () => {
        cancel();
        resolve();
      };
    });
    this.#endIdle = undefined;
  }

  async #guarded<T>(blocking: Redis, call: Promise<T>, ms: number): Promise<T> {
    const cancel = this.#parts.clock.timer(ms + watchdogMs, () => {
      blocking.disconnect(true);
    });
    try {
      return await call;
    } finally {
      cancel();
    }
  }

  /** Until this wait ends: an UNBLOCK may reach Redis before the XREAD that it is to end. */
  #unblock(wait: number): void {
    if (!this.#waiting || this.#waits !== wait || this.#closed) return;
    if (this.#clientID !== undefined) this.#parts.unblock(this.#clientID).catch(() => undefined);
    this.#parts.clock.timer(wakeAgainMs, () => {
      this.#unblock(wait);
    });
  }
}
