/** Where the log's loops report: the shape of pino's methods, and counters that a service maps to its metrics. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** An event of the domain as it was committed. */
export interface ObservedEvent {
  readonly key: string;
  readonly event: unknown;
}

/** Every method is optional; none may throw. */
export interface Observer {
  /** A commit went through: what it held, and how long it took, ms. */
  committed?(commit: { partition: number; commands: number; events: readonly ObservedEvent[]; ms: number }): void;
  /** A command was skipped: `poison` (the domain threw), `unparsable`, or `runaway` (a cascade without end). */
  skipped?(skip: { partition: number; why: 'poison' | 'unparsable' | 'runaway' }): void;
  /** A partition was taken, handed over, lost to another owner, or given up because the store refused something for good. */
  ownership?(change: { partition: number; kind: 'taken' | 'released' | 'fenced' | 'failed' }): void;
  /** The store forgot commits that it had acknowledged (an asynchronous failover). */
  regressed?(loss: { partition: number; known: number; found: number }): void;
  /** A process was declared dead and buried in a partition. */
  buried?(burial: { partition: number; process: string }): void;
  /** A sender found that its target missed messages: sent again (`repaired`) or no longer kept (`lost`). */
  gap?(gap: { src: string; target: string; kind: 'repaired' | 'lost' }): void;
  /** A message to a process was dropped because its mailbox is full. */
  dropped?(drop: { src: string; target: string; messages: number }): void;
}
