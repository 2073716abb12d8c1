/**
 * Reads a process's own mailbox. Invariant: the handler sees every message at least once, in order, one batch at a time;
 * a message is settled only after its batch was handled, so a restart begins with the first that was not.
 */
import { backoff, sleep, type Clock } from '../clock.ts';
import { silentLogger, type Logger } from '../observe.ts';
import { addressKey, type IncomingMail, type LogStore } from '../port.ts';

export interface MailReaderOptions {
  readonly store: Pick<LogStore, 'waiter' | 'settle'>;
  /** Whose mailbox. */
  readonly process: string;
  readonly clock: Clock;
  readonly log?: Logger;
  /** Must deal with the faults of single messages itself: a batch for which it rejects comes again, and is skipped after five times. */
  readonly handle: (mails: readonly IncomingMail[]) => Promise<void>;
  readonly random?: () => number;
}

const blockMs = 5000;
const attempts = 5;

export class MailReader {
  readonly #options: MailReaderOptions;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  #wake: () => void = () => undefined;
  #cursor = '0';
  #running: Promise<void> | undefined;

  constructor(options: MailReaderOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the batch in hand was handled and settled. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { store } = this.#options;
    const waiter = store.waiter();
    this.#wake = () => {
      waiter.wake();
    };
    const from = { kind: 'process', id: this.#options.process } as const;
    const key = addressKey(from);
    for (let failures = 0; !this.#stop.signal.aborted;) {
      try {
        const mails = (await waiter.wait(new Map([[key, { from, cursor: this.#cursor }]]), blockMs)).get(key) ?? [];
        failures = 0;
        await this.#handle(mails);
      } catch (error) {
        if (failures === 0) this.#log.warn({ error: String(error) }, 'the mailbox cannot be read');
        await this.#pause(failures++);
      }
    }
    await waiter.close();
  }

  async #handle(mails: readonly IncomingMail[]): Promise<void> {
    const last = mails.at(-1);
    if (last === undefined) return;
    for (let attempt = 0; !(await this.#handled(mails, attempt)); attempt += 1) {
      if (this.#stop.signal.aborted) return;
      await this.#pause(attempt);
    }
    this.#cursor = last.id;
    await this.#options.store.settle(this.#options.process, last.id);
  }

  async #handled(mails: readonly IncomingMail[], attempt: number): Promise<boolean> {
    try {
      await this.#options.handle(mails);
      return true;
    } catch (error) {
      const skipped = attempt + 1 >= attempts;
      this.#log.error({ error: String(error), messages: mails.length, skipped }, 'a batch of messages was not handled');
      return skipped;
    }
  }

  #pause(attempt: number): Promise<void> {
    return sleep(this.#options.clock, backoff(attempt, this.#options.random ?? Math.random), this.#stop.signal);
  }
}
