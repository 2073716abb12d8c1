/**
 * What a call has heard already. `n` is the call's version: a message that is not newer than what was seen is dropped, so
 * that nothing is doubled. An end is believed whatever its `n`: nothing comes after it, and a server that forgot the call no
 * longer knows its version.
 */
import type { CallMessage } from '../wire.ts';

export class Seen {
  #n: number;

  constructor(n = -1) {
    this.#n = n;
  }

  /** True once for each message. */
  isNew(message: CallMessage): boolean {
    const { n } = message;
    if (n === undefined || isEnd(message)) return true;
    if (n <= this.#n) return false;
    this.#n = n;
    return true;
  }

  /** A snapshot holds all up to its version. False if more than that was seen already. */
  takeSnapshot(n: number): boolean {
    if (n < this.#n) return false;
    this.#n = n;
    return true;
  }

  /** It is another call from now on, with versions of its own. */
  restart(): void {
    this.#n = -1;
  }
}

function isEnd(message: CallMessage): boolean {
  return (
    message.type === 'stopCommunication' || (message.type === 'callResponse' && message.callResponse !== 'accepted')
  );
}
