/** Starts every process of a cluster again that has ended, whoever ended it, as `npm start` and every platform does. */
import { eventually, type Cluster, type ServiceProcess } from '@switchboard/testkit';
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_MS = 50;
const DELAY_MS = 300;

export class Supervisor {
  readonly #cluster: Cluster;
  readonly #restarts = new Map<ServiceProcess, Promise<unknown>>();
  #running = true;
  readonly #watching: Promise<void>;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#watching = this.#watch();
  }

  /** Resolves when another process stands in the place of the one that died. */
  async replaced(died: ServiceProcess): Promise<void> {
    await eventually('a new process is ready', () => !this.#all().includes(died), 40_000);
  }

  /** Resolves when nothing is being started any more. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#watching;
    await Promise.all(this.#restarts.values());
  }

  async #watch(): Promise<void> {
    while (this.#running) {
      for (const each of this.#all()) if (each.hasExited && !this.#restarts.has(each)) this.#begin(each);
      await pause(LOOK_MS);
    }
  }

  #begin(died: ServiceProcess): void {
    // One that can not be started is tried again.
    const restart = pause(DELAY_MS).then(() => this.#cluster.restart(died));
    this.#restarts.set(
      died,
      restart.catch(() => this.#restarts.delete(died)),
    );
  }

  #all(): ServiceProcess[] {
    const { gateways, orchestrators, workers, mediaServers } = this.#cluster;
    return [...gateways, ...orchestrators, ...workers, ...mediaServers];
  }
}
