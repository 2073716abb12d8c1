/** The log of Switchboard: partitions, mailboxes, owners, senders. It knows nothing of calls. */
import type { Clock } from './clock.ts';
import type { Domain } from './domain.ts';
import type { Logger, Observer } from './observe.ts';
import type { Address, Beat, IncomingMail, LogStore, Mail, Seq } from './port.ts';

export * from './clock.ts';
export type * from './domain.ts';
export * from './errors.ts';
export * from './observe.ts';
export * from './port.ts';

export declare function connectRedisStore(options: { url: string; namespace: string; log?: Logger }): Promise<LogStore>;
export declare class MemoryServer { constructor(options: { clock: Clock; startMs?: number }); }
export declare class MemoryStore implements Pick<LogStore, 'close'> { constructor(server: MemoryServer); close(): Promise<void>; }
export declare class Sender {
  constructor(options: { store: Pick<LogStore, 'append'>; src: string; clock: Clock; log?: Logger; observer?: Observer; onGone?: () => void; random?: () => number });
  send(to: Address, mail: Mail, options?: { stamp?: { seq: Seq; prev: Seq | undefined }; expiresMs?: number }): Promise<void>;
  drain(): Promise<void>;
  close(): void;
}
export declare class MailReader {
  constructor(options: { store: LogStore; process: string; clock: Clock; log?: Logger; handle: (mails: readonly IncomingMail[]) => Promise<void> });
  start(): void;
  stop(): Promise<void>;
}
export declare class Beater {
  constructor(options: { store: LogStore; clock: Clock; id: string; kind: string; info: () => string; periodMs?: number; log?: Logger });
  start(): Promise<void>;
  stop(): Promise<void>;
}
export type Vitality = 'unknown' | 'alive' | 'suspect' | 'dead';
export declare class Liveness {
  constructor(options: { store: Pick<LogStore, 'beats' | 'forget'>; clock: Clock; periodMs?: number; deadAfterMs?: (kind: string) => number; log?: Logger });
  start(): void;
  stop(): void;
  onDead(listener: (beat: Beat) => void): () => void;
  status(id: string): Vitality;
  beats(): readonly Beat[];
  expect(id: string): void;
}
export interface Orchestration {
  readonly ready: Promise<void>;
  isReady(): boolean;
  owned(): readonly number[];
  stop(): Promise<void>;
}
export declare function startOrchestration<S, C, E, M, Q>(options: {
  store: LogStore; partitions: number; domain: Domain<S, C, E, M, Q>; processID: string; clock: Clock; log?: Logger; observer?: Observer; liveness?: Liveness; info?: () => string; leaseMs?: number;
}): Promise<Orchestration>;
export declare function foldPartition<S, C, E, M, Q>(store: LogStore, domain: Domain<S, C, E, M, Q>, partition: number): Promise<{ readonly checked: number; readonly unverified: number; readonly differences: readonly string[] }>;
export declare function rendezvous(key: string, ids: readonly string[]): string[];
