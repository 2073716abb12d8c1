/** The "server" that several `MemoryStore` handles share, as several processes share one Redis. Its time is injected. */
import type { Clock } from '../clock.ts';
import { LogError } from '../errors.ts';
import { capacity, defaultLimits, type Limits } from '../limits.ts';
import { addressKey, type Address, type AppendResult, type Beat, type OutgoingMail } from '../port.ts';
import { MemoryMailbox } from './mailbox.ts';
import { MemoryPartition } from './partition.ts';

export interface MemoryServerOptions {
  readonly clock: Clock;
  /** The store's time when the clock is at 0, ms since 1970. */
  readonly startMs?: number;
  readonly limits?: Partial<Limits>;
}

interface ProcessMailbox {
  readonly mailbox: MemoryMailbox;
  expires: number;
}

export class MemoryServer {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly registry = new Map<string, Beat>();
  /** No memory is left but the reserve. */
  exhausted = false;
  readonly #startMs: number;
  #partitions: number | undefined;
  readonly #byNumber = new Map<number, MemoryPartition>();
  readonly #byProcess = new Map<string, ProcessMailbox>();
  readonly #listeners = new Set<(key: string) => void>();

  constructor(options: MemoryServerOptions) {
    this.clock = options.clock;
    this.#startMs = options.startMs ?? 1_700_000_000_000;
    this.limits = { ...defaultLimits, ...options.limits };
  }

  now(): number {
    return this.#startMs + Math.floor(this.clock.monotonic());
  }

  fix(partitions: number): void {
    this.#partitions ??= partitions;
    if (this.#partitions === partitions) return;
    throw new LogError(
      'partitions-differ',
      `the cluster has ${String(this.#partitions)} partitions, not ${String(partitions)}`,
    );
  }

  partition(number: number): MemoryPartition {
    const found = this.#byNumber.get(number) ?? new MemoryPartition();
    this.#byNumber.set(number, found);
    return found;
  }

  /** The mailbox at an address, undefined if it expired or never was. */
  mailbox(address: Address): MemoryMailbox | undefined {
    if (address.kind === 'partition') return this.partition(address.partition).inbox;
    const found = this.#byProcess.get(address.id);
    if (found === undefined || found.expires > this.now()) return found?.mailbox;
    this.#byProcess.delete(address.id);
    return undefined;
  }

  append(to: Address, src: string, batch: readonly OutgoingMail[], refusable: boolean): AppendResult {
    if (refusable && this.exhausted) throw new LogError('exhausted', 'no memory is left but the reserve');
    const mailbox = this.mailbox(to) ?? this.#create(to);
    const before = mailbox.length;
    const result = mailbox.append(src, batch, { now: this.now(), capacity: capacity(this.limits, to, src) });
    if (mailbox.length > before) for (const listener of [...this.#listeners]) listener(addressKey(to));
    return result;
  }

  /** Keeps a process's mailbox from expiring. */
  extend(process: string): void {
    const found = this.#byProcess.get(process);
    if (found !== undefined) found.expires = this.now() + this.limits.mailboxTtlMs;
  }

  /** Calls `listener` with the `addressKey` of each mailbox that got messages; the returned function ends it. */
  onMail(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #create(to: Address): MemoryMailbox {
    const mailbox = new MemoryMailbox();
    if (to.kind === 'process') this.#byProcess.set(to.id, { mailbox, expires: this.now() + this.limits.mailboxTtlMs });
    return mailbox;
  }
}
