/**
 * Only one page may go on with a session. A tab that was duplicated has a copy of the first one's storage: the lock, named
 * after the session and held as long as the page lives, tells them apart.
 */
import type { Deps } from '../deps.ts';

/** A page that is reloaded may hold its lock for a moment after the next one began. */
const PATIENCE_MS = 300;
const STEP_MS = 50;

export class TabLock {
  readonly #deps: Pick<Deps, 'tryLock' | 'later'>;
  #held: { sessionID: string; release: () => void } | undefined;

  constructor(deps: Pick<Deps, 'tryLock' | 'later'>) {
    this.#deps = deps;
  }

  /** False if another page has it, and keeps it. */
  async take(sessionID: string): Promise<boolean> {
    if (this.#held?.sessionID === sessionID) return true;
    this.release();
    for (let waited = 0; ; waited += STEP_MS) {
      const release = await this.#deps.tryLock(`switchboard:${sessionID}`);
      if (release) {
        this.release();
        this.#held = { sessionID, release };
        return true;
      }
      if (waited >= PATIENCE_MS) return false;
      await new Promise<void>((resolve) => void this.#deps.later(STEP_MS, resolve));
    }
  }

  release(): void {
    this.#held?.release();
    this.#held = undefined;
  }
}
