/**
 * Which worker takes a call: the one with the fewest, of those that serve. What was placed from here and not yet seen in a
 * worker's own count is added to it, so that a burst does not herd onto one worker between two of its beats.
 */
import { workerInfo, type WorkerID, type WorkerInfo } from '@switchboard/protocol';

/** A worker's last beat. */
export interface SeenWorker {
  readonly id: string;
  /** Grows with each beat. */
  readonly counter: number;
  /** JSON of `workerInfo`. */
  readonly info: string;
}

/** A beat that was under way when the call was placed does not count it yet; the one after the next surely does. */
const BEATS_UNTIL_REPORTED = 2;

export class Placement {
  readonly #workers: () => readonly SeenWorker[];
  /** The beat counter at each placement that is not yet reported, by worker. */
  readonly #unreported = new Map<string, number[]>();

  /** `workers`: those that are alive now. */
  constructor(workers: () => readonly SeenWorker[]) {
    this.#workers = workers;
  }

  /** Undefined: nobody has room. */
  choose(exclude: readonly WorkerID[]): WorkerID | undefined {
    let best: { worker: SeenWorker; load: number } | undefined;
    for (const worker of this.#workers()) {
      const load = this.#load(worker);
      if (load === undefined || exclude.some((id) => id === worker.id)) continue;
      if (!best || load < best.load) best = { worker, load };
    }
    if (!best) return undefined;
    const { id, counter } = best.worker;
    this.#unreported.set(id, [...(this.#unreported.get(id) ?? []), counter]);
    return id as WorkerID;
  }

  /** Calls that the worker has or is about to have; undefined if it takes none. */
  #load(worker: SeenWorker): number | undefined {
    const info = readInfo(worker.info);
    if (info?.state !== 'serving') return undefined;
    const pending = (this.#unreported.get(worker.id) ?? []).filter(
      (at) => worker.counter < at + BEATS_UNTIL_REPORTED && worker.counter >= at,
    );
    this.#unreported.set(worker.id, pending);
    const load = info.calls + pending.length;
    return load < info.capacity ? load : undefined;
  }
}

function readInfo(json: string): WorkerInfo | undefined {
  try {
    return workerInfo.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}
