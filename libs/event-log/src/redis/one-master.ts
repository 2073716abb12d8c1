/** A single server, or the one that the sentinels call the master. */
import type { Redis } from 'ioredis';
import type { Waiter } from '../port.ts';
import {
  blockingConnection,
  commandConnection,
  openConnection,
  storeError,
  type ConnectionSettings,
} from './connection.ts';
import type { Nodes, NodesEvents, WaiterOptions } from './nodes.ts';
import { RedisWaiter } from './waiter.ts';

const reopenAfterMs = 50;

export class OneMaster implements Nodes {
  readonly #settings: ConnectionSettings;
  readonly #events: NodesEvents;
  readonly #redis: Redis;
  #closed = false;

  constructor(settings: ConnectionSettings, events: NodesEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#redis = commandConnection(settings);
  }

  async connect(): Promise<void> {
    await openConnection(this.#redis);
    this.#redis.on('ready', this.#events.onReturn);
    this.#redis.on('end', () => {
      this.#reopen();
    });
  }

  async on<T>(_key: string, ask: (server: Redis) => Promise<T>): Promise<T> {
    try {
      return await ask(this.#redis);
    } catch (error) {
      throw storeError(error);
    }
  }

  waiter(options: WaiterOptions): Waiter {
    const blocking = blockingConnection(this.#settings);
    return new RedisWaiter({
      ...options,
      connection: () => blocking,
      unblock: (clientID) => this.#redis.client('UNBLOCK', clientID),
    });
  }

  close(): void {
    this.#closed = true;
    this.#redis.disconnect();
  }

  /** ioredis gives up for good when a sentinel tells of a new master while it is connecting. */
  #reopen(): void {
    if (this.#closed) return;
    setTimeout(() => {
      if (!this.#closed) this.#redis.connect().catch(() => undefined);
    }, reopenAfterMs);
  }
}
