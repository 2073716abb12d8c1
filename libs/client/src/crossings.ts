/**
 * This device calls somebody whose call begins to ring here: the server makes one call of the two, so the page is not told of
 * the ring. Invariant: a ring that is held is told after all if the own call ends without having become the same.
 */
import type { EndKnown } from './call/host.ts';
import type { LiveCall } from './call/live-call.ts';
import type { MessageOf } from './wire.ts';

type Ring = MessageOf<'incomingCall'>;

export class Crossings {
  /** At most one for each call that is being placed. */
  readonly #held = new Map<LiveCall, Ring>();

  /** True if the ring crosses one of these calls: then it is held. */
  hold(ring: Ring, calls: readonly LiveCall[]): boolean {
    const own = calls.find((call) => call.isPlacing && call.peerID === ring.callerID);
    if (own) this.#held.set(own, ring);
    return own !== undefined;
  }

  /** The call that rang is over. */
  drop(callID: string | undefined): void {
    for (const [own, ring] of this.#held) if (ring.callID === callID) this.#held.delete(own);
  }

  /**
   * The own call is over: the ring that is to be told now. It is over too if the two had become one, or are about to (`here`: the
   * user hung up what was sent).
   */
  over(own: LiveCall, known: EndKnown): Ring | undefined {
    const ring = this.#held.get(own);
    this.#held.delete(own);
    const isOne = own.callID === ring?.callID || (own.wasSent && known !== 'there');
    return isOne ? undefined : ring;
  }
}
