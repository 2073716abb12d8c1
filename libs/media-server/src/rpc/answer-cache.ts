/**
 * A request that comes again (kurento-client repeats what was not answered in time, under the same id) gets the
 * first answer and is not done twice. Kurento keeps answers for 20 s and looks at the id alone; here the whole
 * request must be the same, so that a client that counts from 0 again is not answered wrongly.
 */
import type { Clock } from '../clock.ts';
import type { Answer, Request } from './frames.ts';

const MAX_ANSWERS = 128;
const KEEP_MS = 20_000;

interface Entry {
  readonly answer: Promise<Answer>;
  readonly at: number;
}

export class AnswerCache {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The kept answer, or what `make` gives. Errors are not kept, so that a client may try again. */
  answer(request: Request, make: () => Promise<Answer>): Promise<Answer> {
    const now = this.#clock.now();
    const key = JSON.stringify(request);
    const kept = this.#entries.get(key);
    if (kept && now - kept.at < KEEP_MS) return kept.answer;
    const entry = { answer: make(), at: now };
    this.#keep(key, entry);
    void entry.answer.then((answer) => {
      if (answer.error !== undefined && this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return entry.answer;
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size <= MAX_ANSWERS) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
