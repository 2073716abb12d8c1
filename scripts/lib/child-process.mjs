/** One life of a child: started, its output logged, ready or not, gone. */
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import { stopProcess } from './processes.mjs';

/** @typedef {import('./supervisor.mjs').ChildSpec} ChildSpec */
/** @typedef {import('./supervisor.mjs').ReadyInfo} ReadyInfo */
/** @typedef {{ ready: ReadyInfo } | { died: string } | { late: true }} StartResult */

const probeEveryMs = 100;
/** How long the last output may trail behind the exit. */
const outputGraceMs = 500;
const keptLines = 12;

export class ChildLife {
  /** @type {import('./processes.mjs').Started} */
  #started;
  /** @type {ChildSpec} */
  #spec;
  /** @type {string[]} */
  #lines = [];
  /** @type {Promise<ReadyInfo>} */
  #readyLine;
  /** How it ended, in plain words; never rejects. @type {Promise<string>} */
  exited;
  startedAt = performance.now();

  /**
   * @param {ChildSpec} spec
   * @param {import('./processes.mjs').Started} started
   * @param {import('node:fs').WriteStream} log
   */
  constructor(spec, started, log) {
    this.#spec = spec;
    this.#started = started;
    this.#readyLine = new Promise((resolve) => this.#read(log, resolve));
    const outputEnded = new Promise((resolve) => started.child.once('close', resolve));
    this.exited = started.exited.then(async ({ code, signal }) => {
      await Promise.race([outputEnded, delay(outputGraceMs)]);
      return signal ? `signal ${signal}` : `exit code ${code}`;
    });
    // A child that is gone can't read its stdin.
    started.child.stdin?.on('error', () => undefined);
  }

  /** What it printed last. */
  get lastLines() {
    return this.#lines.map((line) => `    ${line}`).join('\n');
  }

  /** Waits until it is ready, gone, or its deadline has passed. @returns {Promise<StartResult>} */
  async whenReady() {
    const timer = new AbortController();
    try {
      return await Promise.race([
        this.#ready(timer.signal).then((ready) => ({ ready })),
        this.exited.then((died) => ({ died })),
        delay(this.#spec.readyDeadlineMs, { late: /** @type {const} */ (true) }, { signal: timer.signal }),
      ]);
    } finally {
      timer.abort();
    }
  }

  /** Asks it to stop, insists after its grace. @returns {Promise<string>} how it ended */
  async stop() {
    await stopProcess(this.#started, this.#spec.stopGraceMs);
    return this.exited;
  }

  /** @param {AbortSignal} signal @returns {Promise<ReadyInfo>} */
  async #ready(signal) {
    const { isReady } = this.#spec;
    if (isReady === undefined) return this.#readyLine;
    while (!signal.aborted && !(await isReady())) await delay(probeEveryMs);
    return {};
  }

  /** @param {import('node:fs').WriteStream} log @param {(info: ReadyInfo) => void} onReady */
  #read(log, onReady) {
    const { stdout, stderr } = this.#started.child;
    for (const stream of [stdout, stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`);
        this.#lines = [...this.#lines, line].slice(-keptLines);
        if (stream === stdout && line.startsWith('{') && line.includes('"ready"')) sayReady(line, onReady);
      });
    }
  }
}

/** @param {string} line @param {(info: ReadyInfo) => void} onReady */
function sayReady(line, onReady) {
  try {
    const { msg, port, url } = JSON.parse(line);
    if (msg === 'ready') onReady({ port: Number(port) || undefined, url: typeof url === 'string' ? url : undefined });
  } catch {
    // Not a log line of ours.
  }
}

const rotateAtBytes = 5 * 1024 * 1024;

/** Opens a child's log; one that has grown big is put aside first. @param {string} dir @param {string} name */
export function openLog(dir, name) {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `${name}.log`);
  if (existsSync(file) && statSync(file).size > rotateAtBytes) renameSync(file, `${file}.1`);
  const log = createWriteStream(file, { flags: 'a' });
  // A full disk must not end the cluster.
  log.on('error', () => undefined);
  return log;
}
