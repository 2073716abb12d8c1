/** The calls of this device, and what the server says about them. */
import type { MediaKind } from '@switchboard/protocol';
import { CallBook } from './call-book.ts';
import type { Call } from './call-api.ts';
import { directionOf, stateIn } from './call/call-state.ts';
import type { CallHost } from './call/host.ts';
import { LiveCall, type LiveCallHost } from './call/live-call.ts';
import { Crossings } from './crossings.ts';
import type { Message } from './connection.ts';
import { SwitchboardError } from './errors.ts';
import type { MessageOf } from './wire.ts';

export type AboutCalls = Exclude<Message, { type: 'presenceChanged' }>;

export interface CallsEvents {
  onIncoming(call: Call): void;
  onRestored(call: Call): void;
}

/** A resume may name so many calls. */
const MOST_NAMED = 8;

export class Calls {
  readonly #host: LiveCallHost;
  readonly #events: CallsEvents;
  readonly #book = new CallBook();
  readonly #crossings = new Crossings();

  /** The calls tell their host what happens to them; some of that is the book's. */
  constructor(host: CallHost, events: CallsEvents) {
    this.#host = {
      ...host,
      onPlaced: (call) => this.#book.sent(call),
      onEnded: (call, known) => {
        this.#book.close(call, known);
        const ring = this.#crossings.over(call, known);
        if (ring) this.#ring(ring);
      },
    };
    this.#events = events;
  }

  live(): LiveCall[] {
    return this.#book.live();
  }

  /** What a resume asks for. */
  liveIDs(): string[] {
    const ids = this.live().map(({ callID }) => callID);
    return ids.filter((callID) => callID !== undefined).slice(0, MOST_NAMED);
  }

  /** Whoever calls the one who rings here accepts his call. */
  place(peerID: string, media: MediaKind): Call {
    const ringing = this.live().find((call) => call.peerID === peerID && call.state.phase === 'incoming');
    if (ringing) {
      ringing.accept();
      return ringing;
    }
    const call = new LiveCall(this.#host, { direction: 'outgoing', peerID, media, requestID: crypto.randomUUID() });
    this.#book.add(call);
    void call.place();
    return call;
  }

  /** Logged in again: what may never have arrived is said again. How the others are, the server says by itself. */
  loggedIn(): void {
    this.#book.forgetUnnamed();
    for (const call of this.live()) call.awaitRing();
    for (const call of this.#book.unheard()) call.say();
  }

  /** The session, or the time to come back to it, is over. A call that rang may ring again. */
  lose(what: 'session' | 'time'): void {
    for (const call of this.live()) {
      const known = what === 'session' || call.state.phase === 'incoming' ? 'lost' : 'here';
      call.end({ phase: 'ended', reason: 'connection_lost', endedBy: 'system' }, known);
    }
    this.#book.forgetUnnamed();
  }

  receive(message: AboutCalls): void {
    switch (message.type) {
      case 'incomingCall':
        return this.#ring(message);
      case 'callState':
        return this.#replace(message);
      case 'iceCandidate':
        return this.#book.find(message, 'known')?.addCandidate(message.legID, message.candidate);
      case 'callProgress':
      case 'callResponse':
        return this.#book.find(message, 'naming')?.receive(message);
      case 'stopCommunication':
        this.#crossings.drop(message.callID);
        return this.#book.find(message, 'known')?.receive(message);
      case 'startCommunication':
      case 'peerState':
      case 'mediaState':
      case 'renegotiate':
      case 'renegotiated':
        return this.#book.find(message, 'known')?.receive(message);
      case 'error':
        return this.#complain(message);
      default:
        return message satisfies never;
    }
  }

  #ring(message: MessageOf<'incomingCall'>): void {
    const { callerID, callID, n, media = 'video' } = message;
    if (callID === undefined) return;
    const found = this.#book.look({ callID });
    if (found.kind === 'live') return found.call.ringsAgain();
    if (found.kind === 'over') return found.known === 'here' ? this.#refuse(callerID, callID) : undefined;
    if (this.#crossings.hold(message, this.live())) return;
    const version = n === undefined ? {} : { n };
    const call = new LiveCall(this.#host, { direction: 'incoming', peerID: callerID, media, callID, ...version });
    this.#book.add(call);
    this.#host.send({ type: 'ringing', callID });
    this.#events.onIncoming(call);
  }

  #refuse(callerID: string, callID: string): void {
    this.#host.send({ type: 'incomingCallResponse', callerID, callResponse: 'rejected', callID });
  }

  /** Of a call that was ended here the server has not heard: the `stop` was lost. One that nobody knows was a reload's. */
  #replace(message: MessageOf<'callState'>): void {
    const found = this.#book.look(message);
    if (found.kind === 'live') return found.call.replace(message);
    const { callID } = message;
    if (found.kind === 'over') return found.known === 'here' ? this.#host.send({ type: 'stop', callID }) : undefined;
    this.#restore(message);
  }

  #restore(message: MessageOf<'callState'>): void {
    const { callID, role, peer: peerID, media, phase, connectedMs, ownMedia: sent } = message;
    if (phase === 'ended') return;
    const restored = { state: stateIn(phase, this.#host.deps.now(), connectedMs), sent };
    const call = new LiveCall(this.#host, { direction: directionOf(role), peerID, media, callID, restored });
    this.#book.add(call);
    call.replace(message);
    this.#events.onRestored(call);
  }

  /** What the server would not take in never becomes a call, so the call that it was about ends here. */
  #complain({ code, message, re }: MessageOf<'error'>): void {
    this.#host.onError(new SwitchboardError(code, message, { re }));
    if (re === 'call')
      this.#book.takeRefused()?.end({ phase: 'ended', reason: 'service_error', endedBy: 'system' }, 'here');
    if (re === 'incomingCallResponse') this.#book.accepting()?.acceptRefused(code === 'not_ringing');
    if (re === 'renegotiate' && code === 'no_such_call')
      this.live()
        .find(({ isRenegotiating }) => isRenegotiating)
        ?.end({ phase: 'ended', reason: 'connection_lost', endedBy: 'system' }, 'here');
  }
}
