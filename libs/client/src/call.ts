/** One call of this device: its state, its media, and what it says to the server. */
import type { Candidate, MediaKind } from '@switchboard/protocol';
import type { Call, CallEvents } from './call-api.ts';
import { ownEnding, ownRole, type CallState, type Direction, type EndedState, type EndReason } from './call-state.ts';
import { endingOf } from './ending.ts';
import type { Deps } from './deps.ts';
import { Emitter } from './emitter.ts';
import { SwitchboardError } from './errors.ts';
import { Leg } from './leg.ts';
import { mediaError, stopTracks, type GetMedia } from './media.ts';
import { Seen } from './seen.ts';
import type { CallMessage, ClientMessageInput, MessageOf } from './wire.ts';

/** What a call needs of the Switchboard that it belongs to. */
export interface CallHost {
  readonly userID: string;
  readonly deps: Deps;
  readonly getMedia: GetMedia;
  iceServers(): RTCIceServer[];
  send(message: ClientMessageInput): void;
  /** The call was placed: the server is to name it. */
  onPlaced(call: LiveCall): void;
  onError(error: SwitchboardError): void;
  onEnded(call: LiveCall): void;
}

interface Start {
  direction: Direction;
  peerID: string;
  media: MediaKind;
  /** This device's own name for its offer. */
  legID: string;
  requestID?: string;
  callID?: string;
  n?: number;
}

export class LiveCall extends Emitter<CallEvents> implements Call {
  readonly direction: Direction;
  readonly peerID: string;
  readonly media: MediaKind;
  readonly legID: string;
  readonly requestID: string | undefined;
  callID: string | undefined;
  readonly #host: CallHost;
  #state: CallState;
  readonly #seen: Seen;
  #leg: Leg | undefined;
  #local: MediaStream | undefined;
  #remote: MediaStream | undefined;

  constructor(host: CallHost, start: Start) {
    super();
    this.#host = host;
    this.direction = start.direction;
    this.peerID = start.peerID;
    this.media = start.media;
    this.legID = start.legID;
    this.requestID = start.requestID;
    this.callID = start.callID;
    this.#seen = new Seen(start.n);
    this.#state = { phase: start.direction === 'outgoing' ? 'requesting-media' : 'incoming' };
  }

  get state(): CallState {
    return this.#state;
  }
  get localStream(): MediaStream | undefined {
    return this.#local;
  }
  get remoteStream(): MediaStream | undefined {
    return this.#remote;
  }

  /** Opens the media, then rings the callee. */
  async place(): Promise<void> {
    const sdpOffer = await this.#makeOffer();
    if (sdpOffer === undefined) return;
    this.#host.send({
      type: 'call',
      callerID: this.#host.userID,
      calleeID: this.peerID,
      sdpOffer,
      media: this.media,
      legID: this.legID,
      ...(this.requestID !== undefined && { requestID: this.requestID }),
    });
    this.#host.onPlaced(this);
    this.#enter({ phase: 'inviting' });
    this.#leg?.offerSent();
  }

  accept(): void {
    if (this.#state.phase === 'incoming') void this.#answerCall();
  }

  decline(): void {
    if (this.#state.phase !== 'incoming') return;
    this.#refuse();
    this.end(ownEnding(this.#state, this.direction));
  }

  hangUp(): void {
    const state = this.#state;
    if (state.phase === 'ended') return;
    this.#leave();
    this.end(ownEnding(state, this.direction));
  }

  async getStats(): Promise<RTCStatsReport | undefined> {
    return this.#leg?.getStats();
  }

  /** From the server; what was seen already (`n`) is dropped, and so is what comes after the end. */
  receive(message: CallMessage): void {
    if (this.#state.phase === 'ended' || !this.#seen.isNew(message)) return;
    switch (message.type) {
      case 'callProgress':
        return this.#progress(message.phase);
      case 'callResponse':
        if (message.callResponse !== 'accepted') return this.end(endingOf(message));
        return void this.#takeAnswer(message.sdpAnswer ?? '');
      case 'startCommunication':
        return void this.#takeAnswer(message.sdpAnswer);
      case 'stopCommunication':
        return this.end(endingOf(message));
      default:
        return message satisfies never;
    }
  }

  addCandidate(candidate: Candidate): void {
    this.#leg?.addCandidate(candidate);
  }

  /** Too late, or the server could not take it: then it must not go on ringing here either. */
  acceptRefused(tooLate: boolean): void {
    if (!tooLate) this.#refuse();
    this.end({ phase: 'ended', reason: tooLate ? 'cancelled' : 'service_error', endedBy: 'system' });
  }

  /** The end, whoever made it: the devices are free when the page hears of it. */
  end(ending: EndedState): void {
    if (this.#state.phase === 'ended') return;
    this.#leg?.close();
    stopTracks(this.#local);
    this.#enter(ending);
    this.emit('ended', ending);
    this.#host.onEnded(this);
  }

  async #answerCall(): Promise<void> {
    this.#enter({ phase: 'requesting-media' });
    const sdpOffer = await this.#makeOffer();
    if (sdpOffer === undefined) return;
    this.#host.send({
      type: 'incomingCallResponse',
      callerID: this.peerID,
      callResponse: 'accepted',
      sdpOffer,
      legID: this.legID,
      ...this.#named(),
    });
    this.#enter({ phase: 'connecting' });
    this.#leg?.offerSent();
  }

  /** Undefined if the call was over before the offer was there, or is over because there can be none. */
  async #makeOffer(): Promise<string | undefined> {
    try {
      const stream = await this.#openMedia();
      if (this.#state.phase === 'ended') return undefined;
      this.#leg = new Leg(this.#host.deps, this.#host.iceServers(), {
        onCandidate: (candidate) =>
          this.#host.send({ type: 'onIceCandidate', candidate, legID: this.legID, ...this.#named() }),
        onRemoteStream: (remote) => this.#showRemote(remote),
        onFailed: () => this.#breakOff('connection_lost', 'system'),
      });
      const offer = await this.#leg.offer(stream, this.media);
      return this.#isOver() ? undefined : offer;
    } catch (cause) {
      this.#fail(cause);
      return undefined;
    }
  }

  async #openMedia(): Promise<MediaStream> {
    const stream = await this.#host.getMedia(this.media).catch((cause: unknown) => {
      throw mediaError(cause);
    });
    if (this.#isOver()) stopTracks(stream);
    else {
      this.#local = stream;
      this.emit('localStream', stream);
    }
    return stream;
  }

  async #takeAnswer(sdp: string): Promise<void> {
    if (this.#state.phase === 'inviting' || this.#state.phase === 'ringing') this.#enter({ phase: 'connecting' });
    try {
      await this.#leg?.answer(sdp);
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #progress(phase: MessageOf<'callProgress'>['phase']): void {
    const now = this.#state.phase;
    if (phase === 'ringing' && now === 'inviting') this.#enter({ phase: 'ringing' });
    if (phase === 'connecting' && (now === 'inviting' || now === 'ringing')) this.#enter({ phase: 'connecting' });
    if (phase === 'connected' && now !== 'connected') this.#enter({ phase: 'connected', since: this.#host.deps.now() });
  }

  #showRemote(stream: MediaStream): void {
    this.#remote = stream;
    this.emit('remoteStream', stream);
  }

  /** Something here does not work: the page hears what, the server that this party is out. */
  #fail(cause: unknown): void {
    if (this.#isOver()) return;
    const error =
      cause instanceof SwitchboardError
        ? cause
        : new SwitchboardError('setup_failed', 'The connection could not be set up.', { cause });
    const denied = error.code === 'no_media_devices' || error.code === 'media_denied';
    this.#host.onError(error);
    this.#breakOff(denied ? (error.code as EndReason) : 'setup_failed', ownRole(this.direction));
  }

  #breakOff(reason: EndReason, endedBy: EndedState['endedBy']): void {
    if (this.#isOver()) return;
    this.#leave();
    this.end({ phase: 'ended', reason, endedBy });
  }

  /** Tells the server as much as it needs: nothing, if it never heard of the call. */
  #leave(): void {
    const unsaid = this.#state.phase === 'requesting-media';
    if (this.#state.phase === 'incoming' || (unsaid && this.direction === 'incoming')) this.#refuse();
    else if (!unsaid) this.#host.send({ type: 'stop', ...this.#named() });
  }

  #refuse(): void {
    this.#host.send({
      type: 'incomingCallResponse',
      callerID: this.peerID,
      callResponse: 'rejected',
      ...this.#named(),
    });
  }

  /** Before the server gave the callID, it knows by the socket which call is meant. */
  #named(): { callID?: string } {
    return this.callID === undefined ? {} : { callID: this.callID };
  }

  /** The same as asking the state; said as a method because awaits lie between, which narrowing does not see. */
  #isOver(): boolean {
    return this.#state.phase === 'ended';
  }

  #enter(state: CallState): void {
    if (this.#isOver()) return;
    this.#state = state;
    this.emit('phase', state);
  }
}
