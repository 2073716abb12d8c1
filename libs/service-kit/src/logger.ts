/** Logs: one JSON object a line. What must not be in them is kept out by `redacted.ts` and `redact.ts`. */
import { pino, type Logger as PinoLogger } from 'pino';

import { redactFields } from './redact.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

interface LogMethod {
  (fields: object, message?: string): void;
  (message: string): void;
}

/** The part of a logger that the code uses; an error goes into the fields as `err`. */
export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** A logger that adds `fields` (a `callID`, say) to every line; `options.level` gives it a level of its own. */
  child(fields: object, options?: { level?: LogLevel }): Logger;
}

export interface LogDestination {
  /** Takes one whole line, newline included. */
  write(line: string): void;
}

export interface LoggerOptions {
  service: string;
  processID: string;
  /** Default `info`. */
  level?: LogLevel;
  /** Default: stdout, written synchronously, so that the last lines before an exit are not lost. */
  destination?: LogDestination;
}

/** Makes the one logger of a process. Fields of every line: `level`, `time` (ISO 8601), `service`, `processID`, `msg`. */
export function createLogger(options: LoggerOptions): Logger {
  const { service, processID, level = 'info', destination = stdout() } = options;
  const inner = pino(
    {
      level,
      base: { service, processID },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => error },
      formatters: { level: (label) => ({ level: label }), log: redactFields },
    },
    destination,
  );
  return guard(inner);
}

/** pino formats what a line brings along, but not what a child adds: that is redacted here. */
function guard(inner: PinoLogger): Logger {
  return {
    trace: inner.trace.bind(inner),
    debug: inner.debug.bind(inner),
    info: inner.info.bind(inner),
    warn: inner.warn.bind(inner),
    error: inner.error.bind(inner),
    fatal: inner.fatal.bind(inner),
    child: (fields, options = {}) => guard(inner.child(redactFields(fields), options)),
  };
}

/** A logger that says nothing, for tests. */
export function silentLogger(): Logger {
  return createLogger({ service: 'none', processID: 'none', level: 'silent', destination: { write: () => undefined } });
}

function stdout(): LogDestination {
  const destination = pino.destination({ fd: 1, sync: true });
  // The reader of our stdout may be gone (EPIPE): there is nobody left to tell.
  destination.on('error', () => undefined);
  return destination;
}
