/** The log on Redis. Every change of more than one key is one script of `lua/`; everything else only reads, or touches one key. */
import { systemClock, type Clock } from '../clock.ts';
import { LogError } from '../errors.ts';
import { capacity, defaultLimits, type Limits } from '../limits.ts';
import { silentLogger, type Logger } from '../observe.ts';
import { writeSeq } from '../order.ts';
import type {
  Address,
  AppendResult,
  Beat,
  Claim,
  Commit,
  CommitResult,
  EventPosition,
  Head,
  IncomingMail,
  LogStore,
  OutgoingMail,
  Retention,
  StoredEvent,
  Waiter,
} from '../port.ts';
import { decodeAppend, decodeBeats, decodeCommit, decodeEvent, decodeHead, decodeMail, encodeBeat } from './decode.ts';
import { encodeCommit } from './encode.ts';
import { unfitness } from './fitness.ts';
import { bucketOf, buckets, Keys } from './keys.ts';
import type { Nodes } from './nodes.ts';
import { parseRedisURL } from './redis-url.ts';
import { scriptsOn, type RunScript } from './scripts.ts';
import { connectNodes } from './topology.ts';

/** Messages that a waiter brings of one mailbox at once. */
const batchSize = 256;

export interface RedisStoreOptions {
  /** As in redis-url.ts. */
  readonly url: string;
  /** The authority that signed the certificates of `rediss…`, PEM; undefined: one that Node.js knows. */
  readonly ca?: string;
  /** What the sentinels themselves ask for; the servers' own password is in the URL. */
  readonly sentinelPassword?: string;
  /** First part of every key; one per cluster of Switchboard. */
  readonly namespace: string;
  readonly limits?: Partial<Limits>;
  /** A command without an answer for so long is rejected as `timeout`, ms. */
  readonly commandTimeoutMs?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** Rejects with `unavailable` if Redis cannot be reached now; afterwards the store reconnects by itself. */
export async function connectRedisStore(options: RedisStoreOptions): Promise<RedisStore> {
  const settings = {
    address: parseRedisURL(options.url),
    ca: options.ca,
    sentinelPassword: options.sentinelPassword,
    commandTimeoutMs: options.commandTimeoutMs ?? 2000,
    log: options.log ?? silentLogger,
  };
  const listeners = new Set<() => void>();
  const onReturn = () => {
    for (const listener of listeners) listener();
  };
  return new RedisStore(await connectNodes(settings, { onReturn }), options, listeners);
}

export class RedisStore implements LogStore {
  readonly #nodes: Nodes;
  readonly #run: RunScript;
  readonly #keys: Keys;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #waiters: Waiter[] = [];
  readonly #returnListeners: Set<() => void>;

  /** `returnListeners` are called by whoever connected the nodes. */
  constructor(
    nodes: Nodes,
    options: Pick<RedisStoreOptions, 'namespace' | 'limits' | 'clock'>,
    returnListeners: Set<() => void>,
  ) {
    this.#nodes = nodes;
    this.#returnListeners = returnListeners;
    this.#run = scriptsOn(nodes);
    this.#keys = new Keys(options.namespace);
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#clock = options.clock ?? systemClock;
  }

  async open(partitions: number): Promise<void> {
    const wanted = String(partitions);
    const key = this.#keys.cluster();
    const unfit = unfitness(await this.#nodes.on(key, (server) => server.info()));
    if (unfit !== undefined) throw new LogError('unfit', unfit);
    // Asked first: Redis may take no writes now, and whoever restarts must be able to wait for it.
    const ask = () => this.#nodes.on(key, (server) => server.hget(key, 'partitions'));
    const known = await ask();
    if (known === null) await this.#nodes.on(key, (server) => server.hsetnx(key, 'partitions', wanted));
    const fixed = known ?? (await ask());
    if (fixed !== wanted)
      throw new LogError('partitions-differ', `the cluster has ${String(fixed)} partitions, not ${wanted}`);
  }

  async now(): Promise<number> {
    const [seconds, micros] = await this.#nodes.on(this.#keys.registry(), (server) => server.time());
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  onReturn(listener: () => void): () => void {
    this.#returnListeners.add(listener);
    return () => this.#returnListeners.delete(listener);
  }

  async append(to: Address, src: string, batch: readonly OutgoingMail[], refusable = false): Promise<AppendResult> {
    const { inbox, producers } = this.#keys.mailbox(to);
    const ttl = to.kind === 'process' ? this.#limits.mailboxTtlMs : 0;
    const mails = batch.flatMap(({ seq, prev, body, blobs }) => [
      ...[writeSeq(seq), writeSeq(prev), body],
      blobs === undefined ? '' : JSON.stringify(blobs),
    ]);
    const args = [src, capacity(this.#limits, to, src), ttl, ...mails];
    return decodeAppend(await this.#run(refusable ? 'appendNew' : 'append', [inbox, producers], args));
  }

  async read(from: Address, cursor: string, count: number): Promise<readonly IncomingMail[]> {
    const { inbox } = this.#keys.mailbox(from);
    const start = cursor === '0' ? '-' : `(${cursor}`;
    const entries = await this.#nodes.on(inbox, (server) => server.xrange(inbox, start, '+', 'COUNT', count));
    return entries.map(decodeMail);
  }

  waiter(): Waiter {
    const waiter = this.#nodes.waiter({
      clock: this.#clock,
      inboxKey: ({ from }) => this.#keys.mailbox(from).inbox,
      read: ({ from, cursor }) => this.read(from, cursor, batchSize),
    });
    this.#waiters.push(waiter);
    return waiter;
  }

  async settle(process: string, id: string): Promise<void> {
    const { inbox } = this.#keys.mailbox({ kind: 'process', id: process });
    const [ms = '0', n = '0'] = id.split('-');
    const kept = `${ms}-${String(Number(n) + 1)}`;
    const cut = this.#nodes.on(inbox, (server) => server.xtrim(inbox, 'MINID', kept));
    await Promise.all([cut, this.#extend(process)]);
  }

  async take(partition: number, token: string, leaseMs: number): Promise<Head | undefined> {
    const { lease, head, sent, watched } = this.#keys.partition(partition);
    return decodeHead(await this.#run('take', [lease, head, sent, watched], [token, leaseMs]));
  }

  async renew(partition: number, { token, epoch, commit }: Claim, leaseMs: number): Promise<boolean> {
    const { lease, head } = this.#keys.partition(partition);
    return (await this.#run('renew', [lease, head], [token, epoch, leaseMs, commit])) === 1;
  }

  async release(partition: number, token: string, epoch: number): Promise<void> {
    const { lease, head } = this.#keys.partition(partition);
    await this.#run('release', [lease, head], [token, epoch]);
  }

  async holder(partition: number): Promise<string | undefined> {
    const { lease } = this.#keys.partition(partition);
    return ((await this.#run('holder', [lease], [])) as string | null) ?? undefined;
  }

  async commit(partition: number, commit: Commit): Promise<CommitResult> {
    const { keys, args } = encodeCommit(this.#keys.partition(partition), commit);
    return decodeCommit(await this.#run('commit', keys, args));
  }

  async load(partition: number, keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    const { state } = this.#keys.partition(partition);
    const records = keys.map((key) => {
      const bucket = state(bucketOf(key));
      return this.#nodes.on(bucket, (server) => server.hget(bucket, key));
    });
    return (await Promise.all(records)).map((json) => json ?? undefined);
  }

  async blobs(partition: number, refs: readonly string[]): Promise<readonly (string | undefined)[]> {
    if (refs.length === 0) return [];
    const { blobs } = this.#keys.partition(partition);
    const found = await this.#nodes.on(blobs, (server) => server.hmget(blobs, ...refs));
    return found.map((text) => text ?? undefined);
  }

  async due(partition: number, now: number, limit: number): Promise<readonly string[]> {
    const { deadlines } = this.#keys.partition(partition);
    return (await this.#run('due', [deadlines], [now, limit])) as string[];
  }

  watchers(partition: number, process: string, limit: number): Promise<readonly string[]> {
    const watchers = this.#keys.partition(partition).watch(process);
    return this.#nodes.on(watchers, (server) => server.srandmember(watchers, limit));
  }

  async events(partition: number, after: EventPosition, count: number): Promise<readonly StoredEvent[]> {
    const { events } = this.#keys.partition(partition);
    const from = `(${String(after.commit)}-${String(after.index + 1)}`;
    const entries = await this.#nodes.on(events, (server) => server.xrange(events, from, '+', 'COUNT', count));
    return entries.map(decodeEvent);
  }

  async trim(partition: number, retention: Retention): Promise<void> {
    const { inbox, events, head, live, producers } = this.#keys.partition(partition);
    const args = [retention.eventsMs, retention.eventsCount, this.#limits.producerIdleMs];
    await this.#run('trim', [inbox, events, head, live, producers], args);
  }

  async aggregates(partition: number): Promise<ReadonlyMap<string, string>> {
    const { state } = this.#keys.partition(partition);
    const records = Array.from({ length: buckets }, (_, number) => {
      const bucket = state(number);
      return this.#nodes.on(bucket, (server) => server.hgetall(bucket));
    });
    return new Map((await Promise.all(records)).flatMap((record) => Object.entries(record)));
  }

  async beat(beat: Beat): Promise<void> {
    const written = this.#run('beat', [this.#keys.registry()], [beat.id, encodeBeat(beat)]);
    await Promise.all([written, this.#extend(beat.id)]);
  }

  async beats(): Promise<readonly Beat[]> {
    return decodeBeats(await this.#run('beats', [this.#keys.registry()], []));
  }

  async forget(process: string): Promise<void> {
    const registry = this.#keys.registry();
    await this.#nodes.on(registry, (server) => server.hdel(registry, process));
  }

  async close(): Promise<void> {
    await Promise.all(this.#waiters.map((waiter) => waiter.close()));
    this.#nodes.close();
  }

  #extend(process: string): Promise<unknown> {
    const { inbox, producers } = this.#keys.mailbox({ kind: 'process', id: process });
    const extended = [inbox, producers].map((key) =>
      this.#nodes.on(key, (server) => server.pexpire(key, this.#limits.mailboxTtlMs)),
    );
    return Promise.all(extended);
  }
}
