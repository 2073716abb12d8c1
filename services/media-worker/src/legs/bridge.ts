/**
 * Connects the legs of both parties to each other, and again when one of them was replaced.
 *
 * Invariants: one connect at a time, so that an older pair never comes after a newer one; when it rests, the pair that is
 * ready is connected; no pair is connected twice in a row, nor by two lives of the worker.
 */
import type { Endpoint, Pipeline } from '../kurento/port.ts';
import { bridgeName, tagsOfBridge } from './tags.ts';

export interface Pair {
  readonly caller: Endpoint;
  readonly callee: Endpoint;
}

export class Bridge {
  readonly #ready: () => Pair | undefined;
  /** Name of the pair. */
  #across: string | undefined;
  #work: Promise<void> | undefined;

  /** @param ready the endpoints that are to be connected now, if any are */
  constructor(ready: () => Pair | undefined) {
    this.#ready = ready;
  }

  /** What an earlier life of this worker connected. */
  recall(across: string | undefined): void {
    this.#across = across;
  }

  /** A pair was connected, or is being connected: the pipeline's tags say so. */
  get stands(): boolean {
    return this.#across !== undefined;
  }

  /** Resolves when what is ready is connected. Rejects with a KurentoError if that failed. */
  connect(pipeline: Promise<Pipeline>): Promise<void> {
    this.#work ??= this.#run(pipeline);
    return this.#work;
  }

  async #run(pipeline: Promise<Pipeline>): Promise<void> {
    try {
      const made = await pipeline;
      for (let pair = this.#ready(); pair && bridgeName(pair) !== this.#across; pair = this.#ready()) {
        this.#across = bridgeName(pair);
        await this.#connectOne(made, pair);
      }
    } finally {
      this.#work = undefined;
    }
  }

  async #connectOne(pipeline: Pipeline, pair: Pair): Promise<void> {
    try {
      await pipeline.connectBoth(pair.caller, pair.callee, tagsOfBridge(pair));
    } catch (error) {
      // A leg that was replaced meanwhile is no loss.
      const ready = this.#ready();
      if (ready !== undefined && bridgeName(ready) === this.#across) throw error;
    }
  }
}
