/**
 * The owner's loop of one partition: one thing at a time, in this order: deaths, deadlines, trimming, mail, cursors.
 *
 *   taken ──▶ dispatches again what may not have arrived ──▶ serves ──▶ released | fenced | halted | failed
 *
 * Invariant: nothing of a partition is written but by this loop, and by it only while it is not fenced out.
 */
import type { Clock } from '../clock.ts';
import { silentLogger, type Logger, type Observer } from '../observe.ts';
import type { Head, IncomingMail, LogStore, Retention, Seq } from '../port.ts';
import { Sender } from '../sender/sender.ts';
import { sleep } from '../clock.ts';
import type { AnyDomain } from './any-domain.ts';
import { Alarm } from './alarm.ts';
import { Intake } from './intake.ts';
import { Fenced, Ledger, type LedgerParts } from './ledger.ts';
import { Outages } from './outages.ts';
import { Halted, Patience } from './patience.ts';
import { Wakeup } from './wakeup.ts';

export interface OwnerOptions {
  readonly store: LogStore;
  readonly domain: AnyDomain;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly retention: Retention;
  readonly log?: Logger;
  readonly observer?: Observer;
  readonly random?: () => number;
  /** What whoever renews its lease, and the owner before it in this process, know of the store's outages. */
  readonly outages?: Outages;
  /** Called when the owner has room for mail again. */
  readonly onRoom?: () => void;
  /** Called with processes whose death this partition must hear of: by `lost`. */
  readonly onWatch?: (processes: readonly string[]) => void;
  /** A target has a message of this commit, and the store does not know the commit: it forgot some that it had acknowledged. */
  readonly onForgotten?: (commit: number) => void;
}

/** The proof of having taken a partition. */
export interface Tenure {
  readonly partition: number;
  readonly token: string;
  readonly head: Head;
}

/** `failed`: the store refused something for good, or the domain broke its promises; another owner may try. */
export type OwnerEnd = 'released' | 'fenced' | 'halted' | 'failed';

const flushAfterMs = 100;
const trimEveryMs = 5000;
const trimEveryCommits = 1000;
const trimEveryMails = 1000;
const mostOnTheWay = 20_000;
const drainMs = 1000;
const longestSleepMs = 60_000;

export class PartitionOwner {
  readonly partition: number;
  /** How it ended; never rejects. */
  readonly ended: Promise<OwnerEnd>;
  readonly #options: OwnerOptions;
  readonly #tenure: Tenure;
  readonly #ledger: Ledger;
  readonly #patience: Patience;
  readonly #outages: Outages;
  readonly #sender: Sender;
  readonly #wakeup: Wakeup;
  readonly #lost = new Set<string>();
  #handingOver = false;
  readonly #intake: Intake;
  readonly #alarm: Alarm;
  #trimmed: { readonly at: number; readonly commit: number; readonly taken: number };

  constructor(options: OwnerOptions, tenure: Tenure) {
    const { store, clock, random = Math.random, log = silentLogger, observer = {} } = options;
    this.partition = tenure.partition;
    this.#options = options;
    this.#tenure = tenure;
    this.#wakeup = new Wakeup(clock);
    this.#outages = options.outages ?? new Outages(clock);
    this.#patience = new Patience({ clock, log, random, outages: this.#outages });
    const src = `p${String(tenure.partition)}`;
    const onAhead = ([, commit]: Seq) => options.onForgotten?.(commit);
    this.#sender = new Sender({ store, src, clock, log, observer, random, onAhead, persistent: true });
    this.#ledger = new Ledger(this.#ledgerParts(log, observer), tenure.head);
    this.#intake = new Intake({ ...this.#common(), onRoom: () => options.onRoom?.() });
    this.#alarm = new Alarm({
      ...this.#common(),
      intake: this.#intake,
      isQuiet: () => this.#quietMs() > 0,
      log,
      observer,
    });
    this.#trimmed = this.#trimmedNow();
    this.ended = this.#run();
  }

  /** From where to read mail for it; undefined while it has enough. */
  get wants(): string | undefined {
    return this.#ledger.inbox.full || this.#handingOver ? undefined : this.#ledger.inbox.readTo;
  }

  get commit(): number {
    return this.#ledger.commit;
  }

  /** When it last renewed its lease by a commit, in the clock's time. */
  get committedAt(): number {
    return this.#ledger.committedAt;
  }

  /** Mail that was read after `from`. */
  offer(from: string, mails: readonly IncomingMail[]): void {
    this.#ledger.inbox.offer(from, mails);
    this.#wakeup.wake();
  }

  /** A process died: whoever watches it is told, and it may append no more. */
  lost(process: string): void {
    this.#lost.add(process);
    this.#wakeup.wake();
  }

  /** Finishes what is in hand, waits a moment for its messages, saves the cursors and gives the partition up. */
  handOver(): void {
    this.#handingOver = true;
    this.#wakeup.wake();
  }

  /** Drops everything, commits nothing more. */
  halt(): void {
    this.#patience.halt();
    this.#sender.close();
    this.#wakeup.wake();
  }

  #ledgerParts(log: Logger, observer: Observer): LedgerParts {
    const { store, domain, clock, leaseMs, onWatch } = this.#options;
    return {
      ...{ store, domain, clock, leaseMs, log, observer, patience: this.#patience, sender: this.#sender },
      ...{ partition: this.partition, token: this.#tenure.token },
      onWatch: (processes) => onWatch?.(processes),
      onProgress: () => {
        this.#wakeup.wake();
      },
    };
  }

  #common() {
    const { store, domain } = this.#options;
    return { store, domain, partition: this.partition, ledger: this.#ledger, patience: this.#patience };
  }

  #trimmedNow() {
    return { at: this.#options.clock.monotonic(), commit: this.#ledger.commit, taken: this.#intake.taken };
  }

  async #run(): Promise<OwnerEnd> {
    await Promise.resolve();
    try {
      await this.#begin();
      while (!this.#handingOver) await this.#step();
      await this.#finish();
      return 'released';
    } catch (error) {
      if (error instanceof Halted) return 'halted';
      const fenced = error instanceof Fenced;
      if (!fenced)
        this.#options.log?.error({ partition: this.partition, error }, 'an owner failed: it gives the partition up');
      await this.#release().catch(() => undefined);
      return fenced ? 'fenced' : 'failed';
    } finally {
      this.#sender.close();
    }
  }

  async #begin(): Promise<void> {
    await this.#ledger.redispatch();
    await this.#ledger.save();
    this.#options.onWatch?.([...new Set([...this.#tenure.head.watched, ...this.#ledger.correspondents()])]);
  }

  async #step(): Promise<void> {
    const [lost] = this.#lost;
    if (lost !== undefined) await this.#bury(lost);
    else if (this.#untilDeadline() <= 0) await this.#alarm.fire();
    else if (this.#untilTrim() <= 0) await this.#trim();
    else if (this.#ledger.inbox.length > 0 && this.#ledger.outbox.open < mostOnTheWay) await this.#intake.work();
    else if (this.#untilFlush() <= 0) await this.#ledger.save();
    else await this.#wakeup.sleep(Math.min(this.#untilDeadline(), this.#untilTrim(), this.#untilFlush()));
    if (this.#patience.halted) throw new Halted();
  }

  async #bury(process: string): Promise<void> {
    await this.#alarm.bury(process);
    this.#lost.delete(process);
  }

  /** Also asks after the processes that were written to: the chains to the dead must not stay for ever. */
  async #trim(): Promise<void> {
    const { store, retention } = this.#options;
    this.#trimmed = this.#trimmedNow();
    await this.#patience.ask(() => store.trim(this.partition, retention));
    this.#options.onWatch?.(this.#ledger.correspondents());
  }

  async #finish(): Promise<void> {
    await Promise.race([this.#ledger.outbox.idle(), sleep(this.#options.clock, drainMs)]);
    if (this.#ledger.unsaved) await this.#ledger.save();
    await this.#patience.ask(() => this.#release());
  }

  #release(): Promise<void> {
    const { token, head } = this.#tenure;
    return this.#options.store.release(this.partition, token, head.epoch);
  }

  /** How long no deadline may fire because the store was away. */
  #quietMs(): number {
    return this.#outages.quietUntil - this.#options.clock.monotonic();
  }

  #untilDeadline(): number {
    const { nextDeadline } = this.#ledger;
    if (nextDeadline === undefined) return longestSleepMs;
    return Math.min(longestSleepMs, Math.max(nextDeadline - this.#ledger.now(), this.#quietMs()));
  }

  #untilFlush(): number {
    if (!this.#ledger.unsaved) return longestSleepMs;
    return this.#ledger.committedAt + flushAfterMs - this.#options.clock.monotonic();
  }

  #untilTrim(): number {
    const commits = this.#ledger.commit - this.#trimmed.commit;
    if (commits === 0) return longestSleepMs;
    if (commits >= trimEveryCommits || this.#intake.taken - this.#trimmed.taken >= trimEveryMails) return 0;
    return this.#trimmed.at + trimEveryMs - this.#options.clock.monotonic();
  }
}
