/**
 * The partition as its owner holds it: head, cached states, inbox, outbox. Invariant: what is cached is what the store holds;
 * commits follow each other without a break, and each is repeated as it was until the store answered.
 */
import type { Clock } from '../clock.ts';
import type { Logger, Observer } from '../observe.ts';
import { isPartitionKey, type Commit, type Head, type LogStore, type Seq, type StoredEvent } from '../port.ts';
import type { Sender } from '../sender/sender.ts';
import type { AnyDomain, AnyEffect } from './any-domain.ts';
import { Batch, outgoingOf, type Outgoing, type Work } from './batch.ts';
import { StateCache } from './cache.ts';
import { chainsOf, changesOf, departuresOf, holdsOf, noOverrides, textsOf, type Overrides } from './commit.ts';
import { Inbox } from './inbox.ts';
import { Outbox } from './outbox.ts';
import type { Patience } from './patience.ts';
import { StoreTime } from './store-time.ts';

/** The partition has another owner. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
}

export interface LedgerParts {
  readonly store: LogStore;
  readonly domain: AnyDomain;
  readonly partition: number;
  readonly token: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer: Observer;
  readonly patience: Patience;
  readonly sender: Sender;
  /** Called when messages were acknowledged. */
  readonly onProgress: () => void;
  /** Called with processes whose death somebody here must hear of. */
  readonly onWatch: (processes: readonly string[]) => void;
}

export interface ApplyOptions {
  /** Aggregates that `overrides` may name. */
  readonly include?: readonly string[];
  /** What to force on the index, seen after the commands were applied. */
  readonly overrides?: (batch: Batch) => Overrides;
  readonly bury?: readonly string[];
  /** The moment at which they are decided, if not now: what came after it was not read yet. ms of the store's time */
  readonly at?: number;
}

const cachedStates = 20_000;
const page = 500;

export class Ledger {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly #parts: LedgerParts;
  readonly #head: Head;
  readonly #time: StoreTime;
  readonly #cache = new StateCache(cachedStates);
  readonly #sent: Map<string, Seq>;
  #commit: number;
  #savedCursor: string;
  #nextDeadline: number | undefined;
  #committedAt: number;

  constructor(parts: LedgerParts, head: Head) {
    const { sender, log, onProgress } = parts;
    this.#parts = parts;
    this.#head = head;
    this.#time = new StoreTime(parts.clock, head.now);
    this.#sent = new Map(head.sent);
    this.#commit = head.commit;
    this.#savedCursor = head.inboxCursor;
    this.#committedAt = parts.clock.monotonic();
    this.inbox = new Inbox(head.inboxCursor);
    this.outbox = new Outbox({ sender, log, onProgress, dispatched: head.dispatched });
  }

  /** ms of the store's time. */
  now(): number {
    return this.#time.now();
  }

  get commit(): number {
    return this.#commit;
  }

  /** When the last commit was, in the clock's time. */
  get committedAt(): number {
    return this.#committedAt;
  }

  get nextDeadline(): number | undefined {
    return this.#nextDeadline;
  }

  /** True if what was read or dispatched is not committed yet. */
  get unsaved(): boolean {
    return this.outbox.unsaved || this.inbox.appliedTo !== this.#savedCursor;
  }

  /** Processes to which this partition has a chain of messages. */
  correspondents(): string[] {
    return [...this.#sent.keys()].filter((target) => !isPartitionKey(target));
  }

  /** Applies commands in one commit. Nothing is committed if nothing changed but cursors: `save` does that later. */
  async apply(works: readonly Work[], options: ApplyOptions = {}): Promise<void> {
    const started = this.#parts.clock.monotonic();
    const batch = this.#batch(options.at);
    await batch.run(works, options.include ?? []);
    const overrides = options.overrides?.(batch) ?? noOverrides;
    if (batch.touched.size === 0 && (options.bury ?? []).length === 0) return;
    await this.#write(batch, overrides, options.bury ?? []);
    const ms = this.#parts.clock.monotonic() - started;
    const { partition, observer } = this.#parts;
    observer.committed?.({ partition, commands: batch.commands, events: batch.events, ms });
  }

  /** Commits the cursors, and learns the earliest deadline. */
  save(): Promise<void> {
    return this.#write(this.#batch(), noOverrides, []);
  }

  /** Sends again what the commits after the dispatch cursor say: whoever got it drops it. */
  async redispatch(): Promise<void> {
    const commits = new Map<number, StoredEvent[]>();
    for (const event of await this.#undispatched()) {
      const events = commits.get(event.commit);
      if (events === undefined) commits.set(event.commit, [event]);
      else events.push(event);
    }
    for (const [commit, events] of commits) {
      const outgoing = this.#outgoingAgain(events);
      const at = { epoch: events[0]?.epoch ?? 0, commit, texts: await this.#texts(outgoing, new Map()) };
      this.outbox.depart(commit, departuresOf(outgoing, events[0]?.chains ?? {}, at), refsOf(outgoing));
    }
    this.outbox.depart(this.#head.commit, [], []);
  }

  async #write(batch: Batch, overrides: Overrides, bury: readonly string[]): Promise<void> {
    const { store, partition, patience, clock } = this.#parts;
    const commit = this.#compose(batch, overrides, bury);
    const result = await patience.ask(() => store.commit(partition, commit));
    if (result.kind === 'fenced') throw new Fenced();
    this.#committedAt = clock.monotonic();
    this.#time.heard(result.now);
    this.#nextDeadline = result.nextDeadline;
    this.#commit = commit.previous + 1;
    this.#savedCursor = commit.inboxCursor;
    for (const [target, seq] of Object.entries(commit.sent)) this.#sent.set(target, seq);
    for (const process of bury) this.#sent.delete(process);
    for (const [key, { after }] of batch.touched) this.#cache.set(key, after);
    await this.#depart(batch, commit);
    const watched = new Set(commit.changes.flatMap(({ watch }) => watch));
    if (watched.size > 0) this.#parts.onWatch([...watched]);
  }

  #compose(batch: Batch, overrides: Overrides, bury: readonly string[]): Commit {
    const { token, leaseMs } = this.#parts;
    const { epoch } = this.#head;
    const dispatched = this.outbox.dispatched;
    const holds = holdsOf(batch, this.outbox.takeReleases());
    return {
      ...{ token, epoch, previous: this.#commit, leaseMs, at: batch.now, bury, dispatched },
      ...{ events: batch.events, changes: changesOf(batch, overrides) },
      ...{ putBlobs: textsOf(batch, holds), holdBlobs: holds, inboxCursor: this.inbox.appliedTo },
      ...chainsOf(batch, this.#sent, { epoch, commit: this.#commit + 1 }),
    };
  }

  async #depart(batch: Batch, commit: Commit): Promise<void> {
    const number = commit.previous + 1;
    const texts = await this.#texts(batch.outgoing, batch.texts);
    const departures = departuresOf(batch.outgoing, commit.chains, { epoch: commit.epoch, commit: number, texts });
    this.outbox.depart(number, departures, refsOf(batch.outgoing));
  }

  /** What the messages take along: from the batch, else from the store, where they hold it. */
  async #texts(
    outgoing: readonly Outgoing[],
    known: ReadonlyMap<string, string>,
  ): Promise<ReadonlyMap<string, string>> {
    const { store, partition, patience } = this.#parts;
    const missing = [...new Set(refsOf(outgoing))].filter((ref) => !known.has(ref));
    if (missing.length === 0) return known;
    const found = await patience.look(() => store.blobs(partition, missing));
    const texts = new Map(known);
    for (const [index, ref] of missing.entries()) {
      const text = found[index];
      if (text !== undefined) texts.set(ref, text);
    }
    return texts;
  }

  #batch(now = this.now()): Batch {
    const { domain, partition } = this.#parts;
    return new Batch({
      ...{ domain, partition, now },
      load: (keys) => this.#load(keys),
      skip: (why, fields) => {
        this.skip(why, fields);
      },
    });
  }

  /** Counts and logs a command that is not applied. */
  skip(why: 'poison' | 'unparsable' | 'runaway', fields: object): void {
    const { partition, log, observer } = this.#parts;
    log.error({ ...fields, partition, why }, 'a command is skipped');
    observer.skipped?.({ partition, why });
  }

  async #load(keys: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    const { store, partition, patience } = this.#parts;
    const missing = keys.filter((key) => !this.#cache.has(key));
    const states = new Map(keys.filter((key) => this.#cache.has(key)).map((key) => [key, this.#cache.get(key)]));
    if (missing.length === 0) return states;
    const found = await patience.look(() => store.load(partition, missing));
    for (const [index, key] of missing.entries()) {
      const json = found[index];
      const state: unknown = json === undefined ? undefined : JSON.parse(json);
      this.#cache.set(key, state);
      states.set(key, state);
    }
    return states;
  }

  async #undispatched(): Promise<StoredEvent[]> {
    const { store, partition, patience } = this.#parts;
    const events: StoredEvent[] = [];
    for (let after = { commit: this.#head.dispatched + 1, index: -1 }; ;) {
      const from = after;
      const found = await patience.look(() => store.events(partition, from, page));
      events.push(...found);
      const last = found.at(-1);
      if (last === undefined || found.length < page) return events;
      after = { commit: last.commit, index: last.index };
    }
  }

  #outgoingAgain(events: readonly StoredEvent[]): Outgoing[] {
    const { partition } = this.#parts;
    const outgoing: Outgoing[] = [];
    for (const { body } of events) {
      for (const effect of this.#effectsAgain(body)) {
        const message = outgoingOf(effect, partition, outgoing.length);
        if (message !== undefined) outgoing.push(message);
      }
    }
    return outgoing;
  }

  #effectsAgain(body: string): readonly AnyEffect[] {
    try {
      return this.#parts.domain.effects(JSON.parse(body));
    } catch (error) {
      this.skip('poison', { event: body, error: String(error) });
      return [];
    }
  }
}

function refsOf(outgoing: readonly Outgoing[]): string[] {
  return outgoing.flatMap(({ refs }) => refs);
}
