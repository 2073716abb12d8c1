/**
 * The port of the log: what a store (Redis or memory) must do. Everything above it (owner loop, sender, reader, spreading)
 * is written once, against this file, and one contract suite holds both stores to it.
 *
 * Words: a *mailbox* is a stream with one reader and many senders. A partition's inbox is a mailbox read by its owner; a
 * gateway's and a worker's stream is a mailbox read by that process. A *commit* is the only way to change a partition.
 * Invariant: a commit that names another owner token, epoch or previous commit number than the store holds changes nothing.
 */

/** Where a message goes: to whoever owns a partition, or to one process. */
export type Address =
  { readonly kind: 'partition'; readonly partition: number } | { readonly kind: 'process'; readonly id: string };

/**
 * Order of one sender's messages, compared part by part. A process counts `[0, 0, n]`; a partition's owner uses
 * `[epoch of the commit, commit number, index in the commit]`, so that whoever dispatches a commit again says the same.
 */
export type Seq = readonly [epoch: number, commit: number, index: number];

/** A message: `body` is JSON of the layer above; `blobs` are big texts (SDP) that never enter the events. */
export interface Mail {
  readonly body: string;
  readonly blobs?: Readonly<Record<string, string>>;
}

export interface OutgoingMail extends Mail {
  readonly seq: Seq;
  /** `seq` of the message that the same sender sent to the same mailbox before this one; undefined for its first. */
  readonly prev: Seq | undefined;
}

export interface IncomingMail extends Mail {
  /** Position in the mailbox; opaque, ordered, never reused. */
  readonly id: string;
  readonly src: string;
  readonly seq: Seq;
}

export type AppendResult =
  /** All of it is in the mailbox; `duplicates` of it were there already. */
  | { readonly kind: 'appended'; readonly duplicates: number }
  /** The message before `at` (index in the batch) is missing; everything before `at` is in. `last` is what is there. */
  | { readonly kind: 'gap'; readonly at: number; readonly last: Seq | undefined }
  /** This sender was declared dead: nothing was taken. */
  | { readonly kind: 'gone' }
  /** The mailbox holds as many messages as it may: nothing was taken. */
  | { readonly kind: 'full' };

/** What is known of a partition besides its aggregates. `commit` is the number of the last commit. */
export interface Head {
  readonly epoch: number;
  readonly commit: number;
  /** Everything up to here was read and committed; `'0'` for nothing. */
  readonly inboxCursor: string;
  /** Effects of commits up to here were appended to their targets. */
  readonly dispatched: number;
  /** Last message of this partition to each target (`addressKey`). */
  readonly sent: ReadonlyMap<string, Seq>;
  /** Processes that some aggregate of this partition watches. */
  readonly watched: readonly string[];
  /** The store's time, ms since 1970. */
  readonly now: number;
}

/** A place in the events of a partition, compared part by part. */
export interface EventPosition {
  readonly commit: number;
  readonly index: number;
}

export interface StoredEvent extends EventPosition {
  readonly epoch: number;
  /** True if the aggregate had no record before it: a fold of this aggregate may start here. */
  readonly first: boolean;
  /** The chains of its commit; only with the first event of a commit. */
  readonly chains: Chains | undefined;
  /** The aggregate it belongs to. */
  readonly key: string;
  /** JSON of the layer above. */
  readonly body: string;
  /** When it was decided, ms of the store's time. */
  readonly at: number;
}

/** A commit's place in every target's chain of messages: target (`addressKey`) → seq of the message before this commit's first. */
export type Chains = Readonly<Record<string, Seq>>;

/** What becomes of an aggregate: its new JSON (undefined: no record any more) and its changed index entries. */
export interface AggregateChange {
  readonly key: string;
  readonly json: string | undefined;
  /** When it wants to be woken, ms of the store's time; undefined: never. */
  readonly deadline: number | undefined;
  readonly watch: readonly string[];
  readonly unwatch: readonly string[];
  /** True while its events must be kept whatever their age. */
  readonly live: boolean;
}

export interface Commit {
  readonly token: string;
  readonly epoch: number;
  /** The commit this one follows; it becomes `previous + 1`. */
  readonly previous: number;
  readonly leaseMs: number;
  /** ms of the store's time at which the batch was decided; stamped on the events. */
  readonly at: number;
  readonly events: readonly { readonly key: string; readonly body: string; readonly first: boolean }[];
  readonly changes: readonly AggregateChange[];
  /** Texts of blobs; one without holders after this commit is not kept. */
  readonly putBlobs: Readonly<Record<string, string>>;
  /** By how many the holders of each blob change; a blob without holders goes. Aggregates and undispatched messages are holders. */
  readonly holdBlobs: Readonly<Record<string, number>>;
  /** As before, or of a message that the inbox has: else who read it read it from a store that forgot it since. */
  readonly inboxCursor: string;
  readonly dispatched: number;
  /** Targets of this commit's messages: the chain before it, and the last seq after it. */
  readonly chains: Chains;
  readonly sent: Readonly<Record<string, Seq>>;
  /** Processes that are dead from this commit on: their appends to this partition answer `gone`, their chain of messages is forgotten. */
  readonly bury: readonly string[];
}

export type CommitResult =
  /** `nextDeadline`: the earliest wake-up in the partition, ms; a repeated commit answers the same. */
  | { readonly kind: 'done'; readonly now: number; readonly nextDeadline: number | undefined }
  /** Somebody else owns the partition, or what this owner knows is not what is stored: drop everything that is cached. */
  | { readonly kind: 'fenced' };

/** Limits of what a partition keeps. Events go when older than `eventsMs` or more than `eventsCount`, but never a live aggregate's. */
export interface Retention {
  readonly eventsMs: number;
  readonly eventsCount: number;
}

/** What an owner believes of its partition: that it holds it, and that this commit was acknowledged. */
export interface Claim {
  readonly token: string;
  readonly epoch: number;
  readonly commit: number;
}

export interface Beat {
  readonly id: string;
  readonly kind: string;
  /** Grows with each beat; a process is alive as long as a reader sees it grow. */
  readonly counter: number;
  /** JSON of the layer above (load, state, address). */
  readonly info: string;
}

/** Every method may reject with a `LogError` (`temporary`: try again later). */
export interface LogStore {
  /**
   * Fixes the number of partitions of the cluster at its first start. Rejects with `partitions-differ` later on if it is another,
   * and with `unfit` if the store is too old, or set to throw data away when its memory is full.
   */
  open(partitions: number): Promise<void>;
  /** The store's time in ms; the only clock that decides anything. */
  now(): Promise<number>;

  /**
   * Calls `listener` whenever the store was lost and is there again: it may have forgotten what it acknowledged last (an
   * asynchronous failover). Returns how to end it.
   */
  onReturn(listener: () => void): () => void;

  /** `refusable`: rejects with `exhausted` when no memory is left but the store's reserve. Everything else may use the reserve. */
  append(to: Address, src: string, batch: readonly OutgoingMail[], refusable?: boolean): Promise<AppendResult>;
  /** Up to `count` messages after `cursor`, at once. */
  read(from: Address, cursor: string, count: number): Promise<readonly IncomingMail[]>;
  /**
   * A waiter of its own connection. Its `wait` waits at most `blockMs` until one of the mailboxes has messages after its
   * cursor; an empty map if none came. `wake` ends the wait early (or the next one, if none is running). One call at a time.
   */
  waiter(): Waiter;
  /** Forgets messages of a process's mailbox up to and including `id`, and keeps the mailbox from expiring. */
  settle(process: string, id: string): Promise<void>;

  /** Takes the partition if nobody's lease on it is running: new epoch = max(stored + 1, ms now). Undefined: somebody has it. */
  take(partition: number, token: string, leaseMs: number): Promise<Head | undefined>;
  /** False if the partition has another owner now, or forgot commits of this one: what is cached is not what is stored. */
  renew(partition: number, claim: Claim, leaseMs: number): Promise<boolean>;
  /** Gives the partition up, so that the next owner need not wait for the lease to run out. */
  release(partition: number, token: string, epoch: number): Promise<void>;
  /** Token of who holds the running lease; undefined: nobody. Rejects as temporary while the store takes no writes. */
  holder(partition: number): Promise<string | undefined>;
  commit(partition: number, commit: Commit): Promise<CommitResult>;

  load(partition: number, keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  blobs(partition: number, refs: readonly string[]): Promise<readonly (string | undefined)[]>;
  /**
   * Aggregates whose deadline is at or before `now`, earliest first. Rejects as temporary while the store takes no writes:
   * nobody could append what would have prevented them.
   */
  due(partition: number, now: number, limit: number): Promise<readonly string[]>;
  /** Aggregates that watch a process, at most `limit`. */
  watchers(partition: number, process: string, limit: number): Promise<readonly string[]>;
  /** Events after a position, in order, at most `count`. */
  events(partition: number, after: EventPosition, count: number): Promise<readonly StoredEvent[]>;
  /** Cuts the inbox behind the committed cursor and the events by `retention`, never past the dispatch cursor. */
  trim(partition: number, retention: Retention): Promise<void>;
  /** Every aggregate of a partition, for checks and tools: never used while serving. */
  aggregates(partition: number): Promise<ReadonlyMap<string, string>>;

  beat(beat: Beat): Promise<void>;
  /** The last beat of each process. Rejects as temporary while the store takes no writes: nobody could beat. */
  beats(): Promise<readonly Beat[]>;
  forget(process: string): Promise<void>;

  close(): Promise<void>;
}

/** A place in a mailbox. */
export interface Cursor {
  readonly from: Address;
  readonly cursor: string;
}

/** What a `Waiter` waits for, by `addressKey`. */
export type Cursors = ReadonlyMap<string, Cursor>;

export interface Waiter {
  wait(cursors: Cursors, blockMs: number): Promise<ReadonlyMap<string, readonly IncomingMail[]>>;
  wake(): void;
  close(): Promise<void>;
}

/** True if this `addressKey`, or `src` of a message, is a partition's. */
export function isPartitionKey(key: string): boolean {
  return /^p\d+$/.test(key);
}

/** A stable name of an address: `p7`, or the process's ID. */
export function addressKey(address: Address): string {
  return address.kind === 'partition' ? `p${String(address.partition)}` : address.id;
}
