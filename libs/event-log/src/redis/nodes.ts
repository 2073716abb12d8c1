/** The servers of one Redis, whatever their topology: what the store above knows of them. */
import type { Redis } from 'ioredis';
import type { Clock } from '../clock.ts';
import type { Cursor, IncomingMail, Waiter } from '../port.ts';

export interface Nodes {
  /** Rejects if they cannot be reached now. Afterwards they are connected to again whenever they are lost. */
  connect(): Promise<void>;
  /**
   * Asks the server that holds `key`. `ask` sends one command; it is called again only if the answer was that another
   * server holds the key, so nothing is done twice. Rejects with a `LogError`.
   */
  on<T>(key: string, ask: (server: Redis) => Promise<T>): Promise<T>;
  waiter(options: WaiterOptions): Waiter;
  close(): void;
}

export interface NodesEvents {
  /** A server was connected to that was lost, or that took the place of another: it may know less. */
  readonly onReturn: () => void;
}

export interface WaiterOptions {
  readonly clock: Clock;
  /** The stream that holds a mailbox. */
  readonly inboxKey: (cursor: Cursor) => string;
  /** What is after a cursor now. */
  readonly read: (cursor: Cursor) => Promise<readonly IncomingMail[]>;
}
