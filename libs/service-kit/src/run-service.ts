/**
 * The frame of every `main.ts`.
 *
 *   config refused ──> exit 2
 *   starting ──> ready ──> stopping ──> exit 0   (SIGTERM, SIGINT, SIGHUP, or the supervisor is gone)
 *                      └─> stopping ──> exit 1   (main failed, an error nobody caught, a step that hung)
 *   a second signal while stopping ──> exit 1 at once
 */
import type { z } from 'zod';

import { baseConfig, processIDOf, type BaseConfig } from './base-config.ts';
import { loadBoth } from './config.ts';
import { ConfigError } from './config-error.ts';
import { describeConfig, type ConfigEntry } from './config-meta.ts';
import { createLogger, type LogDestination, type Logger } from './logger.ts';
import { realProcess, type ProcessHost } from './process-host.ts';
import { Shutdown } from './shutdown.ts';

export interface ServiceOptions<S extends z.ZodObject> {
  name: string;
  config: S;
  /** For tests; default: this process and its stdout. */
  host?: ProcessHost;
  logDestination?: LogDestination;
}

/** What the ready line tells a supervisor: where the process listens, if it does, and whatever else it wants to say. */
export interface ReadyDetails {
  port?: number;
  url?: string;
  [key: string]: unknown;
}

export interface ServiceContext<C> {
  config: C & BaseConfig;
  logger: Logger;
  shutdown: Shutdown;
  processID: string;
  /** Aborted when the stop begins. */
  signal: AbortSignal;
  /** Logs the one ready line, whatever the log level. Call it when everything works; later calls do nothing. */
  ready(details?: ReadyDetails): void;
  /** Something the process can't live without is lost: logs it, stops in order, exit code 1. */
  fail(error: unknown): void;
}

/**
 * Loads the config, gives `main` its context and sees to signals and errors until the process exits.
 * `main` starts everything, puts the way to stop it on `shutdown`, calls `ready` and returns.
 */
export async function runService<S extends z.ZodObject>(
  options: ServiceOptions<S>,
  main: (context: ServiceContext<z.output<S>>) => Promise<void> | void,
): Promise<void> {
  const host = options.host ?? realProcess();
  const config = configOrExit(options, host);
  if (config === undefined) return;
  const processID = processIDOf(options.name, config);
  const logger = createLogger({
    service: options.name,
    processID,
    level: config.LOG_LEVEL,
    ...(options.logDestination === undefined ? {} : { destination: options.logDestination }),
  });
  const frame = new Frame(host, logger);
  frame.watch(config.SWITCHBOARD_SUPERVISED === '1');
  try {
    await main({ config, processID, ...frame.context() });
  } catch (error) {
    frame.fail(error);
  }
}

/** The fate of one process: who may end it, and with which exit code. */
class Frame {
  readonly #host: ProcessHost;
  readonly #logger: Logger;
  readonly #shutdown: Shutdown;
  readonly #abort = new AbortController();
  #ready = false;
  #failed = false;
  #signals = 0;

  constructor(host: ProcessHost, logger: Logger) {
    this.#host = host;
    this.#logger = logger;
    this.#shutdown = new Shutdown(logger);
  }

  context() {
    return {
      logger: this.#logger,
      shutdown: this.#shutdown,
      signal: this.#abort.signal,
      ready: (details: ReadyDetails = {}) => this.#sayReady(details),
      fail: (error: unknown) => this.fail(error),
    };
  }

  watch(supervised: boolean): void {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) this.#host.on(signal, () => this.#onSignal(signal));
    this.#host.on('uncaughtException', (error) => this.fail(error));
    this.#host.on('unhandledRejection', (error) => this.fail(error));
    if (!supervised) return;
    const gone = () => void this.#stop('the supervisor is gone');
    this.#host.on('disconnect', gone);
    this.#host.onInputClosed(gone);
  }

  fail(error: unknown): void {
    if (!this.#failed) this.#logger.fatal({ err: error }, 'failed, stopping');
    this.#failed = true;
    void this.#stop('failure');
  }

  #onSignal(signal: string): void {
    this.#signals += 1;
    if (this.#signals > 1) this.#host.exit(1);
    else void this.#stop(signal);
  }

  async #stop(reason: string): Promise<void> {
    if (this.#shutdown.started) return;
    this.#abort.abort(new Error(`stopping: ${reason}`));
    const { failed } = await this.#shutdown.run(reason);
    this.#host.exit(this.#failed || failed.length > 0 ? 1 : 0);
  }

  #sayReady(details: ReadyDetails): void {
    if (this.#ready || this.#shutdown.started) return;
    this.#ready = true;
    this.#logger.child({}, { level: 'info' }).info(details, 'ready');
  }
}

function configOrExit<S extends z.ZodObject>(
  { name, config }: ServiceOptions<S>,
  host: ProcessHost,
): (z.output<S> & BaseConfig) | undefined {
  if (host.argv.includes('--help')) {
    host.print(helpText(name, [...describeConfig(config), ...describeConfig(baseConfig)]));
    host.exit(0);
    return undefined;
  }
  try {
    return loadBoth(config, baseConfig, { env: host.env, argv: host.argv });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    host.printError(`${name}: ${error.message}\n`);
    host.exit(2);
    return undefined;
  }
}

function helpText(name: string, entries: readonly ConfigEntry[]): string {
  const lines = entries.map(({ name: variable, flag, description = '', example, required, secret }) => {
    const notes = [required ? 'required' : '', example === undefined ? '' : `example: ${example}`].filter(Boolean);
    const names = secret ? `${variable}, ${variable}_FILE` : `${variable}, ${flag}`;
    return `  ${names}\n      ${[description, ...notes].filter(Boolean).join('; ')}`;
  });
  return [`${name}: settings by environment or flag`, ...lines, ''].join('\n');
}
