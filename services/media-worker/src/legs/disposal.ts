/** Releases what is on the media server, and does not give up before it is gone. */
import { backoff, sleep, type Clock } from '@switchboard/event-log';
import { isGone, KurentoError } from '../kurento/errors.ts';

interface Releasable {
  release(): Promise<void>;
}

/** @param needless it need not be released any more. Never rejects. */
export async function releaseUntilGone(thing: Releasable, clock: Clock, needless: AbortSignal): Promise<void> {
  for (let tries = 0; !needless.aborted; tries += 1) {
    if (await released(thing)) return;
    await sleep(clock, backoff(tries, Math.random), needless);
  }
}

/** False: try again. */
async function released(thing: Releasable): Promise<boolean> {
  try {
    await thing.release();
    return true;
  } catch (error) {
    return isGone(error) || !(error instanceof KurentoError);
  }
}
