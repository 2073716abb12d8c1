/** Drives a real `npm start` process from a test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

import { eventually } from '@switchboard/testkit';

import { environmentFor } from '../../scripts/lib/env.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface StarterOptions {
  dataDir: string;
  /** From the project's root; default: the one with fake services. */
  script?: string;
  args?: readonly string[];
  env?: Record<string, string>;
}

export class Starter {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly #dataDir: string;
  output = '';

  constructor({ dataDir, script = 'tests/setup/fake-start.mjs', args = [], env = {} }: StarterOptions) {
    this.#dataDir = dataDir;
    this.process = spawn(process.execPath, [script, '--data-dir', dataDir, ...args], {
      cwd: root,
      env: { ...environmentFor(process.env), TMPDIR: dataDir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.exited = new Promise((resolve) => this.process.once('close', resolve));
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Waits for a text in the output. @throws after `deadlineMs`, with all of the output */
  async says(text: string | RegExp, deadlineMs = 20_000): Promise<void> {
    const said = () => (typeof text === 'string' ? this.output.includes(text) : text.test(this.output));
    await eventually(`it says ${String(text)}`, said, deadlineMs).catch((error: unknown) => {
      throw new Error(`never said ${String(text)}; said:\n${this.output}`, { cause: error });
    });
  }

  /**
   * Processes, of any depth, that work for this data folder: it is their TMPDIR, or, as Redis writes its title over its
   * environment, the folder they are in.
   */
  processes(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => this.#owns(pid));
  }

  #owns(pid: number): boolean {
    try {
      const running = !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      const marked = readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`TMPDIR=${this.#dataDir}\0`);
      return running && (marked || readlinkSync(`/proc/${pid}/cwd`).startsWith(this.#dataDir));
    } catch {
      return false;
    }
  }

  /** For the end of a test, whatever happened in it. */
  async destroy(): Promise<void> {
    for (const pid of this.processes()) killIfThere(pid);
    await this.exited;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

/** The first of `count` ports in a row that are free now. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = await listenOnce(0);
    const rest = Array.from({ length: count - 1 }, (_, index) => first + index + 1);
    if ((await Promise.all(rest.map((port) => listenOnce(port)))).every((port) => port > 0)) return first;
  }
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(0));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
