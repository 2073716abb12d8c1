/**
 * Reads a process's own mailbox. Invariant: the handler sees every message at least once, in order, one batch at a time; a
 * message is settled only when it and all before it are done, so a restart begins with the first that was not.
 */
import { backoff, sleep, type Clock } from '../clock.ts';
import { silentLogger, type Logger } from '../observe.ts';
import { addressKey, type IncomingMail, type LogStore, type Waiter } from '../port.ts';
import { SettleMark } from './settle-mark.ts';

/** Says that a message of the batch in hand is done only when `work` has ended, well or badly, and not with its batch. */
export type Hold = (mail: IncomingMail, work: Promise<unknown>) => void;

export interface MailReaderOptions {
  readonly store: Pick<LogStore, 'waiter' | 'read' | 'settle'>;
  /** Whose mailbox. */
  readonly process: string;
  readonly clock: Clock;
  readonly log?: Logger;
  /** Must deal with the faults of single messages itself: a batch for which it rejects comes again, and is skipped after five times. */
  readonly handle: (mails: readonly IncomingMail[], hold: Hold) => Promise<void>;
  /** Called once: all that was in the mailbox at the start was handled. */
  readonly onCaughtUp?: () => void;
  readonly random?: () => number;
}

const blockMs = 5000;
const attempts = 5;
const backlogBatch = 256;
/** Messages that may wait for an older one: less than half of what a mailbox holds. */
const maxUnsettled = 4096;

export class MailReader {
  readonly #options: MailReaderOptions;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  readonly #mark: SettleMark;
  #wake: () => void = () => undefined;
  #cursor = '0';
  #catchingUp: boolean;
  #settled: string | undefined;
  #settling: Promise<void> | undefined;
  #abandoned = false;
  #running: Promise<void> | undefined;

  constructor(options: MailReaderOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#catchingUp = options.onCaughtUp !== undefined;
    this.#mark = new SettleMark(maxUnsettled, (id) => {
      this.#log.warn({ message: id }, 'a message is in hand for too long: it would be lost with this process');
    });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the batch in hand was handled; what is held is settled when it is done. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
  }

  /** Settles no more: what is held now comes again when a reader of this mailbox starts. */
  abandon(): void {
    this.#abandoned = true;
  }

  async #run(): Promise<void> {
    const waiter = this.#options.store.waiter();
    this.#wake = () => {
      waiter.wake();
    };
    for (let failures = 0; !this.#stop.signal.aborted;) {
      try {
        const mails = await this.#next(waiter);
        failures = 0;
        await this.#handle(mails);
        this.#caughtUpWith(mails);
      } catch (error) {
        if (failures === 0) this.#log.warn({ error: String(error) }, 'the mailbox cannot be read');
        await this.#pause(failures++);
      }
    }
    await waiter.close();
  }

  async #next(waiter: Waiter): Promise<readonly IncomingMail[]> {
    const from = { kind: 'process', id: this.#options.process } as const;
    if (this.#catchingUp) return this.#options.store.read(from, this.#cursor, backlogBatch);
    const key = addressKey(from);
    return (await waiter.wait(new Map([[key, { from, cursor: this.#cursor }]]), blockMs)).get(key) ?? [];
  }

  #caughtUpWith(mails: readonly IncomingMail[]): void {
    if (!this.#catchingUp || mails.length === backlogBatch) return;
    this.#catchingUp = false;
    this.#options.onCaughtUp?.();
  }

  async #handle(mails: readonly IncomingMail[]): Promise<void> {
    const last = mails.at(-1);
    if (last === undefined) return;
    const held = new Map<string, Promise<unknown>>();
    for (let attempt = 0; !(await this.#handled(mails, held, attempt)); attempt += 1) {
      if (this.#stop.signal.aborted) return;
      await this.#pause(attempt);
    }
    this.#cursor = last.id;
    for (const { id } of mails) this.#taken(id, held.get(id));
    await this.#settle();
  }

  async #handled(
    mails: readonly IncomingMail[],
    held: Map<string, Promise<unknown>>,
    attempt: number,
  ): Promise<boolean> {
    try {
      await this.#options.handle(mails, ({ id }, work) => held.set(id, work));
      return true;
    } catch (error) {
      const skipped = attempt + 1 >= attempts;
      this.#log.error({ error: String(error), messages: mails.length, skipped }, 'a batch of messages was not handled');
      return skipped;
    }
  }

  #taken(id: string, work: Promise<unknown> | undefined): void {
    this.#mark.take(id);
    if (work === undefined) return this.#mark.done(id);
    const over = () => {
      this.#mark.done(id);
      // The next one that is done makes up for a failure.
      this.#settle().catch(() => undefined);
    };
    work.then(over, over);
  }

  /** One at a time: what is done meanwhile is settled right after. */
  #settle(): Promise<void> {
    if (this.#unsettled() === undefined) return Promise.resolve();
    this.#settling ??= this.#settleAll();
    return this.#settling;
  }

  async #settleAll(): Promise<void> {
    try {
      for (let id = this.#unsettled(); id !== undefined; id = this.#unsettled()) {
        await this.#options.store.settle(this.#options.process, id);
        this.#settled = id;
      }
    } finally {
      this.#settling = undefined;
    }
  }

  /** What is done, and not yet settled. */
  #unsettled(): string | undefined {
    return this.#abandoned || this.#mark.id === this.#settled ? undefined : this.#mark.id;
  }

  #pause(attempt: number): Promise<void> {
    return sleep(this.#options.clock, backoff(attempt, this.#options.random ?? Math.random), this.#stop.signal);
  }
}
