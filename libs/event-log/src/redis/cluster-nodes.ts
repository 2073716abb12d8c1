/**
 * The masters of a Redis Cluster: which one holds a slot, and a connection to each. Not ioredis' own `Cluster`: that one queues
 * commands for servers which it cannot reach, and blocking readers need a connection of their own to the right server anyway
 * (docs/decisions/0015).
 *
 * Invariant: a command is sent on only when its answer was that it was not executed here (MOVED, ASK).
 */
import type { Redis } from 'ioredis';
import { LogError } from '../errors.ts';
import type { Waiter } from '../port.ts';
import { BlockingWay } from './blocking-way.ts';
import { ClusterWaiter } from './cluster-waiter.ts';
import { commandConnection, openConnection, storeError, type ConnectionSettings } from './connection.ts';
import type { Nodes, NodesEvents, WaiterOptions } from './nodes.ts';
import { nameOf, type Endpoint } from './redis-url.ts';
import { slotOf } from './slot.ts';

/** `first` to `last`, and who holds them: the master comes first. The host is empty or null for the server that was asked. */
type SlotRange = readonly [first: number, last: number, master: readonly [host: string | null, port: number]];

interface Node {
  readonly endpoint: Endpoint;
  readonly redis: Redis;
  /** The first attempt to connect. */
  readonly opened: Promise<void>;
}

const mostRedirections = 5;
const refreshAgainMs = 50;

export class ClusterNodes implements Nodes {
  readonly #settings: ConnectionSettings;
  readonly #events: NodesEvents;
  readonly #nodes = new Map<string, Node>();
  readonly #ways = new Set<BlockingWay>();
  /** By slot. */
  #masters: (Endpoint | undefined)[] = [];
  #refreshing: Promise<void> | undefined;
  #connected = false;
  #closed = false;

  constructor(settings: ConnectionSettings, events: NodesEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  async connect(): Promise<void> {
    await this.#refresh();
    await Promise.allSettled([...this.#nodes.values()].map(({ opened }) => opened));
    this.#connected = true;
  }

  async on<T>(key: string, ask: (server: Redis) => Promise<T>): Promise<T> {
    const slot = slotOf(key);
    for (let redirections = 0, asking: Endpoint | undefined; ; redirections += 1) {
      const endpoint = asking ?? this.#master(slot);
      try {
        return await this.#ask(endpoint, ask, asking !== undefined);
      } catch (error) {
        const redirection = redirectionOf(error, endpoint);
        if (isElsewhere(error)) this.#lookAround();
        if (redirection === undefined || redirections >= mostRedirections) throw storeError(error);
        asking = redirection.kind === 'ASK' ? redirection.to : undefined;
        if (redirection.kind === 'MOVED') this.#masters[slot] = redirection.to;
      }
    }
  }

  waiter(options: WaiterOptions): Waiter {
    return new ClusterWaiter({ ...options, nodes: this, log: this.#settings.log });
  }

  wayTo(key: string): BlockingWay {
    const slot = slotOf(key);
    const way = new BlockingWay({
      settings: this.#settings,
      master: () => this.#masters[slot],
      onLost: () => {
        this.#lookAround();
      },
      onClose: () => this.#ways.delete(way),
    });
    this.#ways.add(way);
    return way;
  }

  close(): void {
    this.#closed = true;
    this.#keep(new Set());
  }

  async #ask<T>(endpoint: Endpoint, ask: (server: Redis) => Promise<T>, asking: boolean): Promise<T> {
    const { redis, opened } = this.#node(endpoint);
    await opened.catch(() => undefined);
    if (asking) redis.asking().catch(() => undefined);
    return ask(redis);
  }

  #master(slot: number): Endpoint {
    const master = this.#masters[slot];
    if (master !== undefined) return master;
    this.#lookAround();
    throw new LogError('unavailable', `no server holds slot ${String(slot)}`);
  }

  #node(endpoint: Endpoint): Node {
    if (this.#closed) throw new LogError('closed', 'the connection is closed');
    const name = nameOf(endpoint);
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const redis = commandConnection(this.#settings, endpoint);
    const node = { endpoint, redis, opened: openConnection(redis) };
    node.opened.catch(() => undefined);
    redis.on('ready', () => {
      if (this.#connected) this.#events.onReturn();
    });
    this.#nodes.set(name, node);
    return node;
  }

  /** Something is not as it was: asks the nodes who holds what, once at a time and not all the time. */
  #lookAround(): void {
    this.#refresh().catch((error: unknown) => {
      if (!this.#closed) this.#settings.log.warn({ error: String(error) }, 'no node of Redis tells who holds what');
    });
  }

  #refresh(): Promise<void> {
    this.#refreshing ??= this.#load().finally(() => {
      setTimeout(() => {
        this.#refreshing = undefined;
      }, refreshAgainMs);
    });
    return this.#refreshing;
  }

  /** The first answer counts: one that is out of date leads to a redirection, and so to the next look. */
  async #load(): Promise<void> {
    const ready = [...this.#nodes.values()].filter(({ redis }) => redis.status === 'ready');
    const fromSeeds = () => firstOf(this.#settings.address.endpoints.map((seed) => this.#ranges(this.#node(seed))));
    const masters = await firstOf(ready.map((node) => this.#ranges(node))).catch(fromSeeds);
    if (this.#closed) return;
    this.#masters = masters;
    const serving = new Map(masters.filter((master) => master !== undefined).map((master) => [nameOf(master), master]));
    for (const master of serving.values()) this.#node(master);
    this.#keep(new Set(serving.keys()));
    for (const way of this.#ways) way.check();
  }

  async #ranges({ endpoint, redis, opened }: Node): Promise<(Endpoint | undefined)[]> {
    if (redis.status !== 'ready') await opened;
    const bySlot: (Endpoint | undefined)[] = [];
    for (const [first, last, [host, port]] of (await redis.cluster('SLOTS')) as unknown as SlotRange[]) {
      const master = { host: host === null || host === '' ? endpoint.host : host, port };
      for (let slot = first; slot <= last; slot += 1) bySlot[slot] = master;
    }
    return bySlot;
  }

  #keep(names: ReadonlySet<string>): void {
    for (const [name, { redis }] of this.#nodes) {
      if (names.has(name)) continue;
      this.#nodes.delete(name);
      redis.disconnect();
    }
  }
}

function firstOf<T>(answers: readonly Promise<T>[]): Promise<T> {
  return Promise.any(answers).catch((error: unknown) => {
    throw error instanceof AggregateError ? (error.errors[0] ?? new Error('no node is known')) : error;
  });
}

/** True if the server was not reached, or does not hold the key (any more): the answer of one that holds it tells nothing of the others. */
function isElsewhere(error: unknown): boolean {
  const answered = error instanceof Error && error.name === 'ReplyError';
  return !answered || /^(MOVED|CLUSTERDOWN|READONLY|MASTERDOWN)/.test(error.message);
}

interface Redirection {
  readonly kind: 'MOVED' | 'ASK';
  readonly to: Endpoint;
}

/** `MOVED 3999 127.0.0.1:6381`; without a host it is that of the node which said so. */
function redirectionOf(error: unknown, from: Endpoint): Redirection | undefined {
  const [, kind, host, port] = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(error instanceof Error ? error.message : '') ?? [];
  if (kind === undefined) return undefined;
  return {
    kind: kind as Redirection['kind'],
    to: { host: host === undefined || host === '' ? from.host : host, port: Number(port) },
  };
}
