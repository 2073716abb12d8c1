/** What a page sees of a call, and hears when it changes. Nothing changes after the end. */
import type { MediaKind } from '@switchboard/protocol';
import type { CallEvents, MediaShown, PeerState } from '../call-api.ts';
import { Emitter } from '../emitter.ts';
import { roleOf, type CallState, type Direction, type Role } from './call-state.ts';
import { isSame, shownAtFirst } from './media-shown.ts';

export interface Start {
  readonly direction: Direction;
  readonly peerID: string;
  readonly media: MediaKind;
  readonly requestID?: string;
  readonly callID?: string;
  readonly n?: number;
  /** Where it was when a reload interrupted it, and what this party sent. */
  readonly restored?: { readonly state: CallState; readonly sent: MediaShown | undefined };
}

export class CallFace extends Emitter<CallEvents> {
  readonly direction: Direction;
  readonly peerID: string;
  readonly media: MediaKind;
  readonly requestID: string | undefined;
  #role: Role;
  #callID: string | undefined;
  #state: CallState;
  #remote: MediaStream | undefined;
  #peerState: PeerState = 'connected';
  #peerMedia: MediaShown;

  constructor({ direction, peerID, media, requestID, callID, restored }: Start) {
    super();
    this.direction = direction;
    this.peerID = peerID;
    this.media = media;
    this.requestID = requestID;
    this.#role = roleOf(direction);
    this.#callID = callID;
    this.#state = restored?.state ?? { phase: direction === 'outgoing' ? 'requesting-media' : 'incoming' };
    this.#peerMedia = shownAtFirst(media);
  }

  get role(): Role {
    return this.#role;
  }
  get callID(): string | undefined {
    return this.#callID;
  }
  get state(): CallState {
    return this.#state;
  }
  get remoteStream(): MediaStream | undefined {
    return this.#remote;
  }
  get peerState(): PeerState {
    return this.#peerState;
  }
  get peerMedia(): MediaShown {
    return this.#peerMedia;
  }

  /** The same as asking the state; said as a method because awaits lie between, which narrowing does not see. */
  isOver(): boolean {
    return this.#state.phase === 'ended';
  }

  /** It was placed or accepted here, and is not over. */
  isParty(): boolean {
    return this.isIn('inviting', 'ringing', 'connecting', 'connected');
  }

  protected isIn(...phases: CallState['phase'][]): boolean {
    return phases.includes(this.#state.phase);
  }

  protected enter(state: CallState): void {
    if (this.isOver()) return;
    this.#state = state;
    this.emit('phase', state);
  }

  protected is(callID: string, role: Role): void {
    this.#callID = callID;
    this.#role = role;
  }

  protected showRemote(stream: MediaStream): void {
    this.#remote = stream;
    this.emit('remoteStream', stream);
  }

  protected showPeerState(state: PeerState): void {
    if (state === this.#peerState) return;
    this.#peerState = state;
    this.emit('peerState', state);
  }

  protected showPeerMedia({ audio, video, screen }: MediaShown): void {
    const shown = { audio, video, screen };
    if (isSame(shown, this.#peerMedia)) return;
    this.#peerMedia = shown;
    this.emit('peerMedia', shown);
  }
}
