/** The one clock of a run. Whole milliseconds; everything that one moment starts comes to rest before the next. */
import type { Clock } from '@switchboard/event-log';

interface Timer {
  readonly at: number;
  readonly order: number;
  fn: (() => void) | undefined;
}

export class SimClock implements Clock {
  #now = 0;
  #order = 0;
  /** A binary heap: the earliest first, then the one that was set first. */
  readonly #heap: Timer[] = [];

  readonly monotonic = (): number => this.#now;

  timer(ms: number, fn: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, Math.ceil(ms)), order: this.#order++, fn };
    this.#push(timer);
    return () => {
      timer.fn = undefined;
    };
  }

  /** Goes on until `end`, or until `stop` says so; `afterEach` is called whenever all has come to rest. */
  async run(end: number, afterEach: () => boolean): Promise<void> {
    await rest();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at);
      for (let due: Timer | undefined = next; due !== undefined; due = this.#next(this.#now)) {
        this.#pop();
        due.fn?.();
      }
      await rest();
      if (afterEach()) return;
    }
    this.#now = end;
  }

  /** The first that is set and not later than `end`. */
  #next(end: number): Timer | undefined {
    while (this.#heap[0] !== undefined && this.#heap[0].fn === undefined) this.#pop();
    const first = this.#heap[0];
    return first !== undefined && first.at <= end ? first : undefined;
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    for (let parent = (index - 1) >> 1; index > 0 && earlier(timer, heap[parent]!); parent = (index - 1) >> 1) {
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (let child = 1; child < heap.length; child = 2 * index + 1) {
      if (child + 1 < heap.length && earlier(heap[child + 1]!, heap[child]!)) child += 1;
      if (!earlier(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

const earlier = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Every promise that can settle without a timer has settled. */
function rest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
