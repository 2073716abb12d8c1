/**
 * What a call has heard already. `n` is the call's version: whatever is older than what was seen is dropped. One version may
 * bring several messages of different types (the phase and the answer, say), so the same `n` counts as seen per type. An end
 * is believed whatever its `n`: nothing comes after it, and a server that forgot the call no longer knows its version.
 */
import type { CallMessage } from './wire.ts';

export class Seen {
  #n: number;
  #types = new Set<CallMessage['type']>();

  constructor(n = -1) {
    this.#n = n;
  }

  /** True once for each message. */
  isNew(message: CallMessage): boolean {
    const { n, type } = message;
    if (n === undefined || isEnd(message)) return true;
    if (n < this.#n || (n === this.#n && this.#types.has(type))) return false;
    if (n > this.#n) this.#types = new Set();
    this.#n = n;
    this.#types.add(type);
    return true;
  }
}

function isEnd(message: CallMessage): boolean {
  return (
    message.type === 'stopCommunication' || (message.type === 'callResponse' && message.callResponse !== 'accepted')
  );
}
