/** A real process of Switchboard under test: started from its `dist`, ready when it says so, killed as a machine would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from './wait.ts';

/**
 * Closes what the test has open and a child would inherit: the sockets of libdatachannel's peers stay open in it for good, as they
 * are not marked close-on-exec. A service that is restarted by a supervisor has none of them.
 */
const WITH_NOTHING_INHERITED =
  'for each in /proc/$$/fd/*; do fd=${each##*/}; if ((fd > 2)); then eval "exec $fd>&-"; fi; done; exec "$@"';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface ServiceSpec {
  /** Folder of the package, e.g. `services/gateway`. */
  readonly package: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

export interface LogLine {
  readonly level?: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

export class ServiceProcess {
  readonly spec: ServiceSpec;
  /** Everything that it logged, oldest first. */
  readonly log: LogLine[] = [];
  /** What its ready line said. */
  readonly details: LogLine;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;

  private constructor(spec: ServiceSpec, child: ChildProcess, start: Start) {
    this.spec = spec;
    this.#child = child;
    this.details = start.ready;
    this.log = start.log;
    this.#exited = start.exited;
  }

  /** Rejects if it is not ready within 20 s, or dies before; the error holds its last words. */
  static async start(spec: ServiceSpec): Promise<ServiceProcess> {
    const env = { PATH: process.env['PATH'] ?? '', SWITCHBOARD_SUPERVISED: '1', ...spec.env };
    const main = `${ROOT}${spec.package}/dist/main.js`;
    const command = [process.execPath, main, ...(spec.args ?? [])];
    const child = spawn('bash', ['-c', WITH_NOTHING_INHERITED, 'bash', ...command], {
      env,
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return new ServiceProcess(spec, child, await untilReady(spec, child));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get port(): number {
    return Number(this.details['port']);
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with the exit code; null if a signal killed it. Rejects after 15 s. */
  exited(): Promise<number | null> {
    return within(15_000, `${this.spec.package} exits`, this.#exited);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited();
  }

  async stop(): Promise<number | null> {
    this.signal('SIGTERM');
    return this.exited();
  }
}

interface Start {
  readonly ready: LogLine;
  readonly log: LogLine[];
  readonly exited: Promise<number | null>;
}

async function untilReady(spec: ServiceSpec, child: ChildProcess): Promise<Start> {
  const log: LogLine[] = [];
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = new Promise<LogLine>((resolve) => {
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = parse(text);
      log.push(line);
      if (line.msg === 'ready') resolve(line);
    });
  });
  const died = exited.then((code) => {
    throw new Error(`${spec.package} ended with code ${String(code)} before it was ready:\n${errors}${lastWords(log)}`);
  });
  const line = await within(20_000, `${spec.package} is ready`, Promise.race([ready, died])).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  died.catch(() => undefined);
  return { ready: line, log, exited };
}

function parse(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { msg: text };
  }
}

const lastWords = (log: readonly LogLine[]) =>
  log
    .slice(-10)
    .map((line) => JSON.stringify(line))
    .join('\n');
