/** The log on Redis. Every change of more than one key is one script of `lua/`; everything else only reads, or touches one key. */
import type { Redis } from 'ioredis';
import { systemClock, type Clock } from '../clock.ts';
import { LogError } from '../errors.ts';
import { capacity, defaultLimits, type Limits } from '../limits.ts';
import { silentLogger, type Logger } from '../observe.ts';
import { writeSeq } from '../order.ts';
import type {
  Address,
  AppendResult,
  Beat,
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
import { connectForBlocking, connectForCommands, storeError, type ConnectionSettings } from './connection.ts';
import { decodeAppend, decodeBeat, decodeCommit, decodeEvent, decodeHead, decodeMail, encodeBeat } from './decode.ts';
import { encodeCommit } from './encode.ts';
import { bucketOf, buckets, Keys } from './keys.ts';
import { defineScripts, type RunScript } from './scripts.ts';
import { RedisWaiter } from './waiter.ts';

export interface RedisStoreOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
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
    url: options.url,
    commandTimeoutMs: options.commandTimeoutMs ?? 2000,
    log: options.log ?? silentLogger,
  };
  return new RedisStore(await connectForCommands(settings), settings, options);
}

export class RedisStore implements LogStore {
  readonly #redis: Redis;
  readonly #run: RunScript;
  readonly #settings: ConnectionSettings;
  readonly #keys: Keys;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #waiters = new Set<RedisWaiter>();

  constructor(redis: Redis, settings: ConnectionSettings, options: RedisStoreOptions) {
    this.#redis = redis;
    this.#run = defineScripts(redis);
    this.#settings = settings;
    this.#keys = new Keys(options.namespace);
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#clock = options.clock ?? systemClock;
  }

  async open(partitions: number): Promise<void> {
    const wanted = String(partitions);
    const key = this.#keys.cluster();
    await asked(this.#redis.hsetnx(key, 'partitions', wanted));
    const fixed = await asked(this.#redis.hget(key, 'partitions'));
    if (fixed !== wanted)
      throw new LogError('partitions-differ', `the cluster has ${String(fixed)} partitions, not ${wanted}`);
  }

  async now(): Promise<number> {
    const [seconds, micros] = await asked(this.#redis.time());
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  async append(to: Address, src: string, batch: readonly OutgoingMail[]): Promise<AppendResult> {
    const { inbox, producers } = this.#keys.mailbox(to);
    const ttl = to.kind === 'process' ? this.#limits.mailboxTtlMs : 0;
    const mails = batch.flatMap(({ seq, prev, body, blobs }) => [
      ...[writeSeq(seq), writeSeq(prev), body],
      blobs === undefined ? '' : JSON.stringify(blobs),
    ]);
    const args = [src, capacity(this.#limits, to, src), ttl, ...mails];
    return decodeAppend(await asked(this.#run('append', [inbox, producers], args)));
  }

  async read(from: Address, cursor: string, count: number): Promise<readonly IncomingMail[]> {
    const { inbox } = this.#keys.mailbox(from);
    const entries = await asked(this.#redis.xrange(inbox, cursor === '0' ? '-' : `(${cursor}`, '+', 'COUNT', count));
    return entries.map(decodeMail);
  }

  waiter(): Waiter {
    const waiter: RedisWaiter = new RedisWaiter({
      blocking: connectForBlocking(this.#settings),
      commands: this.#redis,
      clock: this.#clock,
      inboxKey: ({ from }) => this.#keys.mailbox(from).inbox,
      onClose: () => this.#waiters.delete(waiter),
    });
    this.#waiters.add(waiter);
    return waiter;
  }

  async settle(process: string, id: string): Promise<void> {
    const { inbox } = this.#keys.mailbox({ kind: 'process', id: process });
    const [ms = '0', n = '0'] = id.split('-');
    await asked(
      Promise.all([this.#redis.xtrim(inbox, 'MINID', `${ms}-${String(Number(n) + 1)}`), this.#extend(process)]),
    );
  }

  async take(partition: number, token: string, leaseMs: number): Promise<Head | undefined> {
    const { lease, head, sent, watched } = this.#keys.partition(partition);
    return decodeHead(await asked(this.#run('take', [lease, head, sent, watched], [token, leaseMs])));
  }

  async renew(partition: number, token: string, epoch: number, leaseMs: number): Promise<boolean> {
    const { lease, head } = this.#keys.partition(partition);
    return (await asked(this.#run('renew', [lease, head], [token, epoch, leaseMs]))) === 1;
  }

  async release(partition: number, token: string, epoch: number): Promise<void> {
    const { lease, head } = this.#keys.partition(partition);
    await asked(this.#run('release', [lease, head], [token, epoch]));
  }

  async leases(partitions: readonly number[]): Promise<readonly (string | undefined)[]> {
    const leases = partitions.map((partition) => this.#redis.get(this.#keys.partition(partition).lease));
    return (await asked(Promise.all(leases))).map((token) => token ?? undefined);
  }

  async commit(partition: number, commit: Commit): Promise<CommitResult> {
    const { keys, args } = encodeCommit(this.#keys.partition(partition), commit);
    return decodeCommit(await asked(this.#run('commit', keys, args)));
  }

  async load(partition: number, keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    const { state } = this.#keys.partition(partition);
    const found = await asked(Promise.all(keys.map((key) => this.#redis.hget(state(bucketOf(key)), key))));
    return found.map((json) => json ?? undefined);
  }

  async blobs(partition: number, refs: readonly string[]): Promise<readonly (string | undefined)[]> {
    if (refs.length === 0) return [];
    const found = await asked(this.#redis.hmget(this.#keys.partition(partition).blobs, ...refs));
    return found.map((text) => text ?? undefined);
  }

  due(partition: number, now: number, limit: number): Promise<readonly string[]> {
    return asked(this.#redis.zrangebyscore(this.#keys.partition(partition).deadlines, '-inf', now, 'LIMIT', 0, limit));
  }

  async watchers(partition: number, process: string, limit: number): Promise<readonly string[]> {
    return asked(this.#redis.srandmember(this.#keys.partition(partition).watch(process), limit));
  }

  async events(partition: number, after: EventPosition, count: number): Promise<readonly StoredEvent[]> {
    const from = `(${String(after.commit)}-${String(after.index + 1)}`;
    const entries = await asked(this.#redis.xrange(this.#keys.partition(partition).events, from, '+', 'COUNT', count));
    return entries.map(decodeEvent);
  }

  async trim(partition: number, retention: Retention): Promise<void> {
    const { inbox, events, head, live, producers } = this.#keys.partition(partition);
    const args = [retention.eventsMs, retention.eventsCount, this.#limits.producerIdleMs];
    await asked(this.#run('trim', [inbox, events, head, live, producers], args));
  }

  async aggregates(partition: number): Promise<ReadonlyMap<string, string>> {
    const { state } = this.#keys.partition(partition);
    const records = Array.from({ length: buckets }, (_, bucket) => this.#redis.hgetall(state(bucket)));
    return new Map((await asked(Promise.all(records))).flatMap((record) => Object.entries(record)));
  }

  async beat(beat: Beat): Promise<void> {
    const written = this.#redis.hset(this.#keys.registry(), beat.id, encodeBeat(beat));
    await asked(Promise.all([written, this.#extend(beat.id)]));
  }

  async beats(): Promise<readonly Beat[]> {
    return Object.entries(await asked(this.#redis.hgetall(this.#keys.registry()))).map(decodeBeat);
  }

  async forget(process: string): Promise<void> {
    await asked(this.#redis.hdel(this.#keys.registry(), process));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#waiters].map((waiter) => waiter.close()));
    this.#redis.disconnect();
  }

  #extend(process: string): Promise<unknown> {
    const { inbox, producers } = this.#keys.mailbox({ kind: 'process', id: process });
    const { mailboxTtlMs } = this.#limits;
    return Promise.all([this.#redis.pexpire(inbox, mailboxTtlMs), this.#redis.pexpire(producers, mailboxTtlMs)]);
  }
}

/** The answer, or a rejection that is a `LogError`. */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw storeError(error);
  }
}
