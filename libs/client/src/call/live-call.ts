/** One call of this device: its state, and what it says to the server. */
import type { Candidate } from '@switchboard/protocol';
import type { Call, MediaShown } from '../call-api.ts';
import { SwitchboardError } from '../errors.ts';
import type { CallMessage, MessageOf } from '../wire.ts';
import { CallFace, type Start } from './call-face.ts';
import { CallMedia } from './call-media.ts';
import { ownEnding, stateIn, type EndedState, type EndReason } from './call-state.ts';
import { endingOf } from './ending.ts';
import type { CallHost, EndKnown } from './host.ts';
import { accepting, named, placing, refusing, type Said } from './said.ts';
import { Seen } from './seen.ts';

/** What it tells the Switchboard that it belongs to. */
export interface LiveCallHost extends CallHost {
  /** The call was placed: the server is to name it. */
  onPlaced(call: LiveCall): void;
  onEnded(call: LiveCall, known: EndKnown): void;
}

/** How long a call that lost a glare waits to hear which one it is now. */
export const MERGE_MS = 10_000;

export class LiveCall extends CallFace implements Call {
  readonly #host: LiveCallHost;
  readonly #seen: Seen;
  readonly #media: CallMedia;
  #said: Said;
  #ring: 'told' | 'awaited' = 'told';
  #cancelMerge: () => void = () => undefined;

  constructor(host: LiveCallHost, start: Start) {
    super(start);
    this.#host = host;
    this.#seen = new Seen(start.n);
    this.#said = start.restored ? { kind: 'heard' } : { kind: 'nothing' };
    this.#media = new CallMedia(host, this, start.restored, {
      onLocalStream: (stream) => this.emit('localStream', stream),
      onLocalShown: (shown) => this.emit('localMedia', shown),
      onRemoteStream: (stream) => this.showRemote(stream),
      onLost: () => this.breakOff('connection_lost'),
      onFailed: (cause) => this.#fail(cause),
    });
  }

  get localStream(): MediaStream | undefined {
    return this.#media.local.stream;
  }
  get localMedia(): MediaShown {
    return this.#media.local.shown;
  }
  /** By which the server may name this call. */
  get legNames(): readonly string[] {
    return this.#media.legs.names;
  }
  /** It was placed or accepted here, and the server has not shown that it knows. */
  get isUnheard(): boolean {
    return this.#said.kind === 'said';
  }
  /** It was placed here, and is on its way to be answered. */
  get isPlacing(): boolean {
    return this.direction === 'outgoing' && this.isIn('requesting-media', 'inviting', 'ringing');
  }
  get wasSent(): boolean {
    return this.#said.kind !== 'nothing';
  }
  get isRenegotiating(): boolean {
    return this.#media.legs.next !== undefined;
  }

  /** Opens the media, then rings the callee. */
  async place(): Promise<void> {
    const leg = await this.#media.first();
    if (!leg || !this.isIn('requesting-media')) return;
    this.#host.onPlaced(this);
    this.#said = { kind: 'said', message: placing(this, this.#host.userID, leg) };
    this.say();
    this.enter({ phase: 'inviting' });
  }

  accept(): void {
    if (this.isIn('incoming')) void this.#answerCall();
  }

  decline(): void {
    if (this.isIn('incoming')) this.hangUp();
  }

  hangUp(): void {
    if (this.isOver()) return;
    const ending = ownEnding(this.state, this.role);
    this.#leave();
    this.end(ending, 'here');
  }

  setMicrophone(on: boolean): void {
    this.#media.local.setMicrophone(on);
  }

  setCamera(on: boolean): Promise<void> {
    return this.#media.local.setCamera(on);
  }

  shareScreen(on: boolean): Promise<void> {
    return this.#media.local.shareScreen(on);
  }

  async getStats(): Promise<RTCStatsReport | undefined> {
    return this.#media.legs.getStats();
  }

  /** The server's name for it. Another one than before: it lost a glare, and goes on as the call that won. */
  nameIt(callID: string): void {
    if (callID === this.callID) return;
    if (this.callID !== undefined) this.#seen.restart();
    this.#cancelMerge();
    this.is(callID, this.role);
    if (this.direction === 'outgoing') this.#said = { kind: 'heard' };
    this.#media.tell();
  }

  /** From the server; what was seen already (`n`) is dropped, and so is what comes after the end. */
  receive(message: CallMessage): void {
    if (this.isOver() || !this.#seen.isNew(message)) return;
    switch (message.type) {
      case 'callProgress':
        return this.#progress(message.phase);
      case 'callResponse':
        if (message.callResponse !== 'accepted') return this.#ended(message);
        return this.#takeAnswer(message.legID, message.sdpAnswer ?? '');
      case 'startCommunication':
      case 'renegotiated':
        return this.#takeAnswer(message.legID, message.sdpAnswer);
      case 'stopCommunication':
        return this.#ended(message);
      case 'peerState':
        return this.showPeerState(message.state === 'reconnecting' ? 'reconnecting' : 'connected');
      case 'mediaState':
        return this.showPeerMedia(message);
      case 'renegotiate':
        return void this.#media.renew();
      default:
        return message satisfies never;
    }
  }

  /** How the call is, after a resume or a glare: it replaces what was known, and what may be lost is said again. */
  replace({ n, phase, role, legID, sdpAnswer, callID, connectedMs, ...peer }: MessageOf<'callState'>): void {
    this.nameIt(callID);
    if (this.isOver() || !this.#seen.takeSnapshot(n)) return;
    this.is(callID, role);
    this.#said = { kind: 'heard' };
    if (phase !== 'ended' && !this.isIn(phase)) this.enter(stateIn(phase, this.#host.deps.now(), connectedMs));
    this.showPeerState(peer.peerState);
    this.showPeerMedia(peer.peerMedia);
    if (sdpAnswer !== undefined) void this.#media.answer(legID, sdpAnswer);
    this.#media.repair(legID);
  }

  /** Logged in again: the gateway may not know yet that it rings here, and would take an accept for one that is late. */
  awaitRing(): void {
    if (this.direction === 'incoming' && this.#said.kind !== 'heard') this.#ring = 'awaited';
  }

  /** `incomingCall` comes again: the server has not heard what was said about it. */
  ringsAgain(): void {
    const { callID } = this;
    this.#ring = 'told';
    if (callID !== undefined && this.isIn('incoming', 'requesting-media')) this.#host.send({ type: 'ringing', callID });
    else this.say();
  }

  /** If it was said before, then word for word, so that it counts once. */
  say(): void {
    if (this.#said.kind !== 'said') return;
    this.#host.send(this.#said.message);
    this.#media.firstSent();
  }

  addCandidate(legID: string | undefined, candidate: Candidate): void {
    this.#media.legs.addCandidate(legID, candidate);
  }

  /** Too late, or the server could not take it: then it must not go on ringing here either. */
  acceptRefused(tooLate: boolean): void {
    if (!tooLate) this.#host.send(refusing(this));
    this.end({ phase: 'ended', reason: tooLate ? 'cancelled' : 'service_error', endedBy: 'system' }, 'here');
  }

  /** It cannot go on, and the server is told so. */
  breakOff(reason: EndReason, endedBy: EndedState['endedBy'] = 'system'): void {
    if (this.isOver()) return;
    this.#leave();
    this.end({ phase: 'ended', reason, endedBy }, 'here');
  }

  /** The end, whoever made it: the devices are free when the page hears of it. */
  end(ending: EndedState, known: EndKnown): void {
    if (this.isOver()) return;
    this.#cancelMerge();
    this.#media.close();
    this.enter(ending);
    this.#host.onEnded(this, known);
    this.emit('ended', ending);
  }

  async #answerCall(): Promise<void> {
    this.enter({ phase: 'requesting-media' });
    const leg = await this.#media.first();
    if (!leg || !this.isIn('requesting-media')) return;
    this.#said = { kind: 'said', message: accepting(this, leg) };
    const isTold = this.#ring === 'told';
    if (isTold) this.say();
    this.enter({ phase: 'connecting' });
    if (isTold) this.#media.tell();
  }

  #takeAnswer(legID: string | undefined, sdp: string): void {
    this.#said = { kind: 'heard' };
    if (this.isIn('inviting', 'ringing')) this.enter({ phase: 'connecting' });
    void this.#media.answer(legID, sdp);
  }

  #progress(phase: MessageOf<'callProgress'>['phase']): void {
    if (phase === 'connecting' || phase === 'connected') this.#said = { kind: 'heard' };
    if (phase === 'ringing' && this.isIn('inviting')) this.enter({ phase });
    if (phase === 'connecting' && this.isIn('inviting', 'ringing')) this.enter({ phase });
    if (phase === 'connected' && !this.isIn(phase)) this.enter(stateIn(phase, this.#host.deps.now()));
  }

  /** A call that lost a glare is about to be another one: only if nobody says which, it is over. */
  #ended(message: MessageOf<'callResponse'> | MessageOf<'stopCommunication'>): void {
    const ending = endingOf(message);
    if (ending.reason !== 'superseded') return this.end(ending, 'there');
    this.#cancelMerge();
    this.#cancelMerge = this.#host.deps.later(MERGE_MS, () => this.end(ending, 'there'));
  }

  /** Something here does not work: the page hears what, the server that this party is out. */
  #fail(cause: unknown): void {
    const error =
      cause instanceof SwitchboardError
        ? cause
        : new SwitchboardError('setup_failed', 'The connection could not be set up.', { cause });
    const denied = error.code === 'no_media_devices' || error.code === 'media_denied';
    this.#host.onError(error);
    this.breakOff(denied ? (error.code as EndReason) : 'setup_failed', this.role);
  }

  /** Tells the server as much as it needs: nothing, if it never heard of the call. */
  #leave(): void {
    const unsaid = this.isIn('requesting-media');
    if (this.isIn('incoming') || (unsaid && this.direction === 'incoming')) this.#host.send(refusing(this));
    else if (!unsaid) this.#host.send({ type: 'stop', ...named(this) });
  }
}
