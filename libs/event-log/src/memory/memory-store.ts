/** A process's handle on a `MemoryServer`. Faults are injected per handle: a cut connection is one process's, not the server's. */
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
import type { MemoryServer } from './server.ts';
import { MemoryWaiter } from './waiter.ts';

/** What a test does to the way between a process and the store. A rejection is what the caller sees. */
export interface Faults {
  /** Before the store is asked: a rejection means that nothing happened. */
  before?(operation: string): Promise<void> | void;
  /** After the store did it: a rejection means that the reply was lost. */
  after?(operation: string): Promise<void> | void;
}

export class MemoryStore implements LogStore {
  readonly #server: MemoryServer;
  readonly #faults: Faults;

  constructor(server: MemoryServer, faults: Faults = {}) {
    this.#server = server;
    this.#faults = faults;
  }

  open(partitions: number): Promise<void> {
    return this.#do('open', (server) => {
      server.fix(partitions);
    });
  }

  now(): Promise<number> {
    return this.#do('now', (server) => server.now());
  }

  /** Never: memory forgets nothing. */
  onReturn(): () => void {
    return () => undefined;
  }

  append(to: Address, src: string, batch: readonly OutgoingMail[], refusable = false): Promise<AppendResult> {
    return this.#do('append', (server) => server.append(to, src, batch, refusable));
  }

  read(from: Address, cursor: string, count: number): Promise<readonly IncomingMail[]> {
    return this.#do('read', (server) => server.mailbox(from)?.read(cursor, count) ?? []);
  }

  waiter(): Waiter {
    return new MemoryWaiter(this.#server, () => this.#do('wait', () => undefined));
  }

  settle(process: string, id: string): Promise<void> {
    return this.#do('settle', (server) => {
      server.mailbox({ kind: 'process', id: process })?.cut(id);
      server.extend(process);
    });
  }

  take(partition: number, token: string, leaseMs: number): Promise<Head | undefined> {
    return this.#do('take', (server) => server.partition(partition).take(token, leaseMs, server.now()));
  }

  renew(partition: number, claim: Claim, leaseMs: number): Promise<boolean> {
    return this.#do('renew', (server) => server.partition(partition).renew(claim, server.now() + leaseMs));
  }

  release(partition: number, token: string, epoch: number): Promise<void> {
    return this.#do('release', (server) => {
      server.partition(partition).release(token, epoch);
    });
  }

  holder(partition: number): Promise<string | undefined> {
    return this.#do('holder', (server) => server.partition(partition).holder(server.now()));
  }

  commit(partition: number, commit: Commit): Promise<CommitResult> {
    return this.#do('commit', (server) => server.partition(partition).commit(commit, server.now()));
  }

  load(partition: number, keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    return this.#do('load', (server) => keys.map((key) => server.partition(partition).aggregates.get(key)));
  }

  blobs(partition: number, refs: readonly string[]): Promise<readonly (string | undefined)[]> {
    return this.#do('blobs', (server) => refs.map((ref) => server.partition(partition).blob(ref)));
  }

  due(partition: number, now: number, limit: number): Promise<readonly string[]> {
    return this.#do('due', (server) => server.partition(partition).due(now, limit));
  }

  watchers(partition: number, process: string, limit: number): Promise<readonly string[]> {
    return this.#do('watchers', (server) => server.partition(partition).watchers(process, limit));
  }

  events(partition: number, after: EventPosition, count: number): Promise<readonly StoredEvent[]> {
    return this.#do('events', (server) => server.partition(partition).events(after, count));
  }

  trim(partition: number, retention: Retention): Promise<void> {
    return this.#do('trim', (server) => {
      const now = server.now();
      server.partition(partition).trim(retention, now, now - server.limits.producerIdleMs);
    });
  }

  aggregates(partition: number): Promise<ReadonlyMap<string, string>> {
    return this.#do('aggregates', (server) => new Map(server.partition(partition).aggregates));
  }

  beat(beat: Beat): Promise<void> {
    return this.#do('beat', (server) => {
      server.registry.set(beat.id, beat);
      server.extend(beat.id);
    });
  }

  beats(): Promise<readonly Beat[]> {
    return this.#do('beats', (server) => [...server.registry.values()]);
  }

  forget(process: string): Promise<void> {
    return this.#do('forget', (server) => {
      server.registry.delete(process);
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #do<T>(operation: string, act: (server: MemoryServer) => T): Promise<T> {
    await this.#faults.before?.(operation);
    const result = act(this.#server);
    await this.#faults.after?.(operation);
    return result;
  }
}
