/**
 * A waiter on a Redis Cluster: one XREAD cannot span slots, so each mailbox has a blocking connection of its own, which follows
 * its slot. Invariant: a mailbox that cannot be read now holds up no other; what was read is given once, to the cursor it was read for.
 */
import { backoff } from '../clock.ts';
import { LogError } from '../errors.ts';
import type { Logger } from '../observe.ts';
import { Wakeup } from '../owner/wakeup.ts';
import type { Cursor, Cursors, IncomingMail, Waiter } from '../port.ts';
import type { BlockingWay } from './blocking-way.ts';
import type { Nodes, WaiterOptions } from './nodes.ts';
import { RedisWaiter } from './waiter.ts';

export interface ClusterWaiterParts extends WaiterOptions {
  readonly nodes: Pick<Nodes, 'on'> & { wayTo(key: string): BlockingWay };
  readonly log: Logger;
}

const blockMs = 2000;
const unwantedMs = 10_000;

export class ClusterWaiter implements Waiter {
  readonly #parts: ClusterWaiterParts;
  readonly #lines = new Map<string, Line>();
  readonly #wakeup: Wakeup;
  #closed = false;

  constructor(parts: ClusterWaiterParts) {
    this.#parts = parts;
    this.#wakeup = new Wakeup(parts.clock);
  }

  async wait(cursors: Cursors, ms: number): Promise<ReadonlyMap<string, readonly IncomingMail[]>> {
    if (this.#closed) throw new LogError('closed', 'the waiter is closed');
    for (const [key, line] of this.#lines) if (!cursors.has(key)) line.want(undefined);
    for (const [key, cursor] of cursors) this.#line(key, cursor).want(cursor.cursor);
    const waiting = [...cursors.keys()].every((key) => this.#lines.get(key)?.filled !== true);
    if (waiting) await this.#wakeup.sleep(ms);
    const mails = [...cursors.keys()].map((key) => [key, this.#lines.get(key)?.take() ?? []] as const);
    return new Map(mails.filter(([, found]) => found.length > 0));
  }

  wake(): void {
    this.#wakeup.wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wakeup.wake();
    await Promise.all([...this.#lines.values()].map((line) => line.close()));
  }

  #line(key: string, cursor: Cursor): Line {
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line = new Line(this.#parts, cursor, {
      onMail: () => {
        this.#wakeup.wake();
      },
      onEnd: () => {
        this.#lines.delete(key);
      },
    });
    this.#lines.set(key, line);
    return line;
  }
}

interface LineEvents {
  readonly onMail: () => void;
  /** Nobody wanted it for a while. */
  readonly onEnd: () => void;
}

/** One mailbox: reads behind the cursor that is wanted, until there is mail. */
class Line {
  readonly #parts: ClusterWaiterParts;
  readonly #from: Cursor['from'];
  readonly #key: string;
  readonly #events: LineEvents;
  readonly #way: BlockingWay;
  readonly #waiter: RedisWaiter;
  readonly #changed: Wakeup;
  readonly #running: Promise<void>;
  #wanted: string | undefined;
  #reading = false;
  #mails: readonly IncomingMail[] = [];
  #closed = false;

  constructor(parts: ClusterWaiterParts, cursor: Cursor, events: LineEvents) {
    const { nodes, clock, inboxKey, read } = parts;
    this.#parts = parts;
    this.#from = cursor.from;
    this.#key = inboxKey(cursor);
    this.#events = events;
    this.#way = nodes.wayTo(this.#key);
    this.#waiter = new RedisWaiter({
      ...{ clock, inboxKey, read, connection: () => this.#way.current() },
      unblock: (clientID) => nodes.on(this.#key, (server) => server.client('UNBLOCK', clientID)),
    });
    this.#changed = new Wakeup(clock);
    this.#running = this.#run();
  }

  get filled(): boolean {
    return this.#mails.length > 0;
  }

  /** Undefined: nothing for now. What was read for another cursor is dropped. */
  want(cursor: string | undefined): void {
    if (cursor === this.#wanted) return;
    this.#wanted = cursor;
    this.#mails = [];
    this.#changed.wake();
    if (this.#reading && cursor !== undefined) this.#waiter.wake();
  }

  /** What was read; then it waits for the next cursor. */
  take(): readonly IncomingMail[] {
    const mails = this.#mails;
    if (mails.length > 0) this.want(undefined);
    return mails;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#changed.wake();
    this.#way.close();
    await this.#waiter.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#closed;) {
      const cursor = this.#wanted;
      if (cursor === undefined || this.filled) {
        if (!(await this.#wantedAgain())) return;
      } else if (await this.#read(cursor, failures)) failures = 0;
      else await this.#changed.sleep(backoff(failures++, Math.random));
    }
  }

  /** False, and all is closed, if nobody wanted anything for a while. */
  async #wantedAgain(): Promise<boolean> {
    const { clock } = this.#parts;
    const since = clock.monotonic();
    await this.#changed.sleep(unwantedMs);
    if (this.#closed || this.#wanted !== undefined || clock.monotonic() - since < unwantedMs) return true;
    this.#events.onEnd();
    this.#way.close();
    await this.#waiter.close();
    return false;
  }

  /** False if the mailbox could not be read. */
  async #read(cursor: string, failures: number): Promise<boolean> {
    const key = this.#key;
    this.#reading = true;
    try {
      const mails = (await this.#waiter.wait(new Map([[key, { from: this.#from, cursor }]]), blockMs)).get(key) ?? [];
      if (mails.length > 0 && this.#wanted === cursor) this.#hold(mails);
      return true;
    } catch (error) {
      if (this.#closed) return true;
      if (failures === 0) this.#parts.log.warn({ key, error: String(error) }, 'a mailbox cannot be read');
      this.#way.lost();
      return false;
    } finally {
      this.#reading = false;
    }
  }

  #hold(mails: readonly IncomingMail[]): void {
    this.#mails = mails;
    this.#events.onMail();
  }
}
