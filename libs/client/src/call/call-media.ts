/**
 * The media of one call: what is sent (LocalMedia), by which connections (Legs), and what the server is told of both.
 * Nothing is begun once the call is over, and what fails then is nobody's concern.
 */
import type { Candidate } from '@switchboard/protocol';
import type { MediaShown } from '../call-api.ts';
import { SwitchboardError } from '../errors.ts';
import type { CallFace, Start } from './call-face.ts';
import type { CallHost } from './host.ts';
import type { Leg } from './leg.ts';
import { Legs } from './legs.ts';
import { LocalMedia } from './local-media.ts';
import { MediaReport, shownAtFirst } from './media-shown.ts';
import { named } from './said.ts';

export interface CallMediaEvents {
  onLocalStream(stream: MediaStream): void;
  onLocalShown(shown: MediaShown): void;
  onRemoteStream(stream: MediaStream): void;
  /** The connection is lost for good. */
  onLost(): void;
  onFailed(cause: unknown): void;
}

export class CallMedia {
  readonly #host: CallHost;
  readonly #call: Pick<CallFace, 'callID' | 'media' | 'isOver' | 'isParty'>;
  readonly #events: CallMediaEvents;
  readonly #legs: Legs;
  readonly #local: LocalMedia;
  readonly #report: MediaReport;

  constructor(
    host: CallHost,
    call: Pick<CallFace, 'callID' | 'media' | 'isOver' | 'isParty'>,
    restored: Start['restored'],
    events: CallMediaEvents,
  ) {
    this.#host = host;
    this.#call = call;
    this.#events = events;
    this.#report = new MediaReport(call.media, { restored: restored !== undefined });
    this.#legs = new Legs(host, {
      onCandidate: (legID, candidate) => this.#sendCandidate(legID, candidate),
      onRemoteStream: (stream) => events.onRemoteStream(stream),
      onBroken: () => (call.callID === undefined ? events.onLost() : void this.renew()),
      onLost: () => events.onLost(),
    });
    this.#local = new LocalMedia(host.devices, restored?.sent ?? shownAtFirst(call.media), {
      onStream: (stream) => events.onLocalStream(stream),
      onShown: (shown) => {
        events.onLocalShown(shown);
        this.tell();
      },
      replacePicture: (track) => this.#replacePicture(track),
    });
  }

  get local(): LocalMedia {
    return this.#local;
  }
  get legs(): Legs {
    return this.#legs;
  }

  /** Opens the devices and makes the first offer. Undefined if there is none: the call is over, or is told why not. */
  async first(): Promise<Leg | undefined> {
    try {
      const stream = await this.#open();
      const leg = stream && (await this.#legs.first(stream));
      return this.#call.isOver() ? undefined : leg;
    } catch (cause) {
      this.#failed(cause);
      return undefined;
    }
  }

  /** The first offer is on its way, be it again: what belongs to it follows. */
  firstSent(): void {
    this.#legs.firstSent();
    this.#report.mayBeLost();
    this.tell();
  }

  /** A new connection to the media server, offered in place of the one that there is, if any. */
  async renew(): Promise<void> {
    try {
      const stream = await this.#open();
      const leg = stream && (await this.#legs.renew(stream));
      if (leg && !this.#call.isOver()) this.#offer(leg);
    } catch (cause) {
      this.#failed(cause);
    }
  }

  async answer(legID: string | undefined, sdp: string): Promise<void> {
    try {
      await this.#legs.answer(legID, sdp);
    } catch (cause) {
      this.#failed(cause);
    }
  }

  /** After a resume. `legID`: the leg that the server has of this device; if it has none, it asks for one. */
  repair(legID: string | undefined): void {
    this.#report.mayBeLost();
    this.tell();
    const { next, names } = this.#legs;
    if (legID === undefined) return next && this.#legs.awaitAnswer();
    if (!names.includes(legID)) return void this.renew();
    if (next?.id === legID) this.#legs.awaitAnswer();
    else if (next && next.state !== 'new') this.#offer(next);
    this.#legs.resumed();
  }

  /** Says what this device sends if the server may believe something else. */
  tell(): void {
    const { callID } = this.#call;
    if (callID === undefined || !this.#call.isParty() || !this.#local.isOpen) return;
    const { shown } = this.#local;
    if (this.#report.isNews(shown)) this.#host.send({ type: 'mediaState', callID, ...shown });
  }

  close(): void {
    this.#legs.close();
    this.#local.close();
  }

  async #open(): Promise<MediaStream | undefined> {
    await this.#local.open();
    return this.#call.isOver() ? undefined : this.#local.stream;
  }

  #offer(leg: Leg): void {
    const { callID } = this.#call;
    if (callID === undefined) return;
    this.#host.send({ type: 'renegotiate', callID, sdpOffer: leg.sdpOffer, legID: leg.id });
    leg.offerSent();
    this.#legs.awaitAnswer();
    this.tell();
  }

  /** Before the server gave the callID, it knows by the leg which call is meant. */
  #sendCandidate(legID: string, candidate: Candidate): void {
    this.#host.send({ type: 'onIceCandidate', candidate, legID, ...named(this.#call) });
  }

  async #replacePicture(track: MediaStreamTrack | null): Promise<void> {
    try {
      await this.#legs.setPicture(track);
    } catch (cause) {
      throw new SwitchboardError('setup_failed', 'The picture could not be replaced.', { cause });
    }
  }

  #failed(cause: unknown): void {
    if (!this.#call.isOver()) this.#events.onFailed(cause);
  }
}
