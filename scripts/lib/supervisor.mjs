/**
 * Starts children in stages, keeps them running, stops them in the opposite order.
 *
 *   starting ──all ready──> running ──stop()──> stopping ──> stopped
 *      └──one dies or is late──> stopping      └─ five deaths of one child in a minute ──> stopping
 *
 * Invariant: when `start()` has thrown or `stop()` has resolved, none of its processes is left.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { ChildLife, openLog } from './child-process.mjs';
import { addDeath, isGivenUp, noDeaths, restartDelay } from './restart-rule.mjs';
import { seconds, UserError } from './say.mjs';

/** @typedef {{ port?: number | undefined, url?: string | undefined }} ReadyInfo */

/**
 * @typedef {object} ChildSpec
 * @property {string} name
 * @property {string} command
 * @property {(ready: ReadonlyMap<string, ReadyInfo>) => string[]} args from what the children said that are ready
 * @property {(ready: ReadonlyMap<string, ReadyInfo>) => NodeJS.ProcessEnv} env all of it
 * @property {number} readyDeadlineMs
 * @property {number} stopGraceMs
 * @property {() => Promise<boolean>} [isReady] for a child that prints no ready line
 * @property {(pid: number) => void} [onStart]
 * @property {() => void} [onStopped] after an orderly stop
 */

/** @typedef {import('./context.mjs').Context} Context */

/** @typedef {{ spec: ChildSpec, log: import('node:fs').WriteStream, life?: ChildLife, watched?: Promise<void> }} Slot */

export class Supervisor {
  /** @type {Context} */
  #context;
  /** @type {Slot[][]} */
  #stages;
  /** @type {Map<string, ReadyInfo>} */
  #ready = new Map();
  #stopping = new AbortController();
  /** @type {Set<Promise<boolean>>} */
  #spawning = new Set();
  /** @type {Promise<void> | undefined} */
  #stopped;
  /** @type {(reason: string) => void} */
  #giveUp = () => undefined;

  /** Resolves, with the reason, when a child has been given up. Somebody must then call `stop()`. @type {Promise<string>} */
  givenUp = new Promise((resolve) => (this.#giveUp = resolve));

  /** @param {Context} context @param {readonly (readonly ChildSpec[])[]} stages @param {string} logDir */
  constructor(context, stages, logDir) {
    this.#context = context;
    this.#stages = stages.map((stage) => stage.map((spec) => ({ spec, log: openLog(logDir, spec.name) })));
  }

  /**
   * Resolves when every child is ready; from then on they are kept running.
   * @throws UserError when one of them dies or isn't ready in time, `Interrupted` when the script is stopped; in both
   * cases with everything stopped
   */
  async start() {
    const { signal } = this.#context;
    const interrupted = new Promise((_, reject) => {
      const onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      await Promise.race([this.#startStages(), interrupted]);
    } catch (error) {
      await this.stop();
      throw error;
    }
    for (const slot of this.#stages.flat()) slot.watched = this.#keep(slot);
  }

  /** Stops the stages one after the other, the last one first. Runs once. @returns {Promise<void>} */
  stop() {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #startStages() {
    for (const stage of this.#stages) {
      if (this.#stopping.signal.aborted) return;
      this.#context.say.step(`Starting ${list(stage.map(({ spec }) => spec.name))}`);
      await this.#orDeath(Promise.all(stage.map((slot) => this.#first(slot))));
    }
  }

  /** A child of an earlier stage may die while a later one starts. @param {Promise<unknown>} work */
  async #orDeath(work) {
    const running = this.#stages.flat().filter(({ life }) => life !== undefined);
    await Promise.race([
      work,
      ...running.map(async (slot) => this.#reportDeath(slot, (await slot.life?.exited) ?? '')),
    ]);
  }

  /** @param {Slot} slot */
  async #first(slot) {
    const result = await this.#launch(slot);
    if (result === undefined || 'ready' in result) return;
    if ('died' in result) this.#reportDeath(slot, result.died);
    const within = `${slot.spec.readyDeadlineMs / 1000} s`;
    throw new UserError(`${slot.spec.name} was not ready within ${within}. Its last lines:\n${slot.life?.lastLines}`);
  }

  /** @param {Slot} slot @param {string} how @returns {never} */
  #reportDeath({ spec, life }, how) {
    const lines = life?.lastLines;
    const said = lines ? `Its last lines:\n${lines}` : 'It printed nothing.';
    throw new UserError(`${spec.name} ended before the cluster was ready (${how}). ${said}`);
  }

  /**
   * One life up to its ready line. A late one is killed.
   * @param {Slot} slot
   * @returns {Promise<import('./child-process.mjs').StartResult | undefined>} undefined: the cluster is stopping
   */
  async #launch(slot) {
    const { spec, log } = slot;
    if (this.#stopping.signal.aborted) return undefined;
    const spawning = this.#spawn(slot);
    this.#spawning.add(spawning);
    const life = (await spawning) ? slot.life : undefined;
    this.#spawning.delete(spawning);
    if (life === undefined) return { died: 'it can not be started' };
    const result = await life.whenReady();
    if (this.#stopping.signal.aborted) return undefined;
    if ('ready' in result) this.#ready.set(spec.name, result.ready);
    if ('late' in result) {
      log.write(`[npm start] not ready in time, stopped\n`);
      await life.stop();
    }
    return result;
  }

  /** @param {Slot} slot @returns {Promise<boolean>} whether it could be started */
  async #spawn(slot) {
    const { spec, log } = slot;
    try {
      const options = {
        cwd: this.#context.root,
        env: spec.env(this.#ready),
        stdio: /** @type {['pipe', 'pipe', 'pipe']} */ (['pipe', 'pipe', 'pipe']),
      };
      const started = await this.#context.processes.start(spec.command, spec.args(this.#ready), options);
      spec.onStart?.(started.pid);
      slot.life = new ChildLife(spec, started, log);
      return true;
    } catch (error) {
      log.write(`[npm start] ${error instanceof Error ? error.message : error}\n`);
      return false;
    }
  }

  /** Restarts the child whenever it dies, until the cluster stops or the child is given up. @param {Slot} slot */
  async #keep(slot) {
    const { name } = slot.spec;
    const { signal } = this.#stopping;
    let deaths = noDeaths;
    let how = (await slot.life?.exited) ?? '';
    while (!signal.aborted) {
      const livedMs = performance.now() - (slot.life?.startedAt ?? 0);
      deaths = addDeath(deaths, { at: performance.now(), livedMs });
      if (isGivenUp(deaths))
        return this.#giveUp(`${name} died five times within a minute (last: ${how}).\n${slot.life?.lastLines ?? ''}`);
      const pause = restartDelay(deaths, Math.random());
      this.#context.say.problem(`${name} died (${how}); starting it again in ${seconds(pause)}.`);
      await delay(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      how = await this.#again(slot);
    }
  }

  /** @param {Slot} slot @returns {Promise<string>} how this life ended */
  async #again(slot) {
    const result = await this.#launch(slot);
    if (result === undefined) return 'stopped';
    if ('died' in result) return result.died;
    if ('late' in result) return 'not ready in time';
    this.#context.say.note(`${slot.spec.name} is running again.`);
    return (await slot.life?.exited) ?? '';
  }

  async #stopAll() {
    this.#stopping.abort();
    await Promise.all(this.#spawning);
    for (const stage of [...this.#stages].reverse()) {
      const running = stage.filter(({ life }) => life !== undefined);
      if (running.length > 0) this.#context.say.step(`Stopping ${list(running.map(({ spec }) => spec.name))}`);
      await Promise.all(stage.map((slot) => this.#stopOne(slot)));
    }
  }

  /** @param {Slot} slot */
  async #stopOne({ spec, log, life, watched }) {
    await life?.stop();
    await watched;
    if (life !== undefined) spec.onStopped?.();
    await new Promise((resolve) => log.end(() => resolve(undefined)));
  }
}

/** @param {readonly string[]} names @returns {string} `a, b and c` */
function list(names) {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
