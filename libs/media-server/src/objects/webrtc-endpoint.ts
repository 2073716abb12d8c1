/**
 * One peer's end on the server.
 * States: new → (generateOffer → offered →) negotiated → released. There is no way back and no renegotiation:
 * a second processOffer is refused, a new leg is a new endpoint.
 */
import { randomInt, randomUUID } from 'node:crypto';
import type { RtcConfig } from 'node-datachannel';
import { KurentoError } from '../errors.ts';
import { Flow } from '../relay/flow.ts';
import { Leg } from '../relay/leg.ts';
import type { MediaKind, VideoCodec } from '../sdp/codecs.ts';
import { parseSdp, type Direction } from '../sdp/parse.ts';
import { planMedia, type LocalStreams, type Plan } from '../sdp/plan.ts';
import { SdpText } from '../sdp/sdp-text.ts';
import { withCandidates, writeAnswer, writeOffer } from '../sdp/write.ts';
import { Transport, type IceState } from '../webrtc/transport.ts';
import { IceAnnouncer } from './ice-announcer.ts';
import { MediaObject, type ObjectHost } from './media-object.ts';
import type { PatchBay } from './patch-bay.ts';

export interface EndpointHost extends ObjectHost {
  readonly patchBay: PatchBay;
  /** STUN and TURN set on the endpoint itself are added to the server's. */
  rtcConfig(servers: readonly string[]): RtcConfig;
}

type Negotiation =
  | { readonly state: 'new' }
  | { readonly state: 'offered'; readonly local: SdpText; readonly transport: Transport }
  | {
      readonly state: 'negotiated';
      readonly local: SdpText;
      readonly remote: SdpText;
      readonly transport: Transport;
      readonly leg: Leg;
    };

export type Connectivity = 'CONNECTED' | 'DISCONNECTED';
type FlowDirection = 'in' | 'out';

const MAX_EARLY_CANDIDATES = 64;

export class WebRtcEndpoint extends MediaObject {
  readonly #host: EndpointHost;
  readonly #direction: Direction;
  readonly #streams: LocalStreams = newStreams();
  readonly #early: string[] = [];
  readonly #flows: Readonly<Record<FlowDirection, Readonly<Record<MediaKind, Flow>>>>;
  readonly ice: IceAnnouncer;
  /** Kurento's properties that were set, by name. */
  readonly properties = new Map<string, string | number | boolean>();
  #negotiation: Negotiation = { state: 'new' };
  #connection: Connectivity = 'DISCONNECTED';
  #media: Connectivity = 'DISCONNECTED';

  constructor(host: EndpointHost, pipeline: MediaObject, direction: Direction = 'sendrecv') {
    super('WebRtcEndpoint', host, pipeline);
    this.#host = host;
    this.#direction = direction;
    this.ice = new IceAnnouncer((type, details) => this.emit(type, details));
    this.#flows = {
      in: { audio: this.#flow('in', 'audio'), video: this.#flow('in', 'video') },
      out: { audio: this.#flow('out', 'audio'), video: this.#flow('out', 'video') },
    };
  }

  get patchBay(): PatchBay {
    return this.#host.patchBay;
  }

  get leg(): Leg | null {
    return this.#negotiation.state === 'negotiated' ? this.#negotiation.leg : null;
  }

  get transportOpen(): boolean {
    return this.#connection === 'CONNECTED';
  }

  get connectionState(): Connectivity {
    return this.#connection;
  }

  get mediaState(): Connectivity {
    return this.#media;
  }

  get localDescription(): string {
    if (this.#negotiation.state === 'new') throw new KurentoError('SDP_END_POINT_NO_LOCAL_SDP_ERROR', 'No local SDP');
    return withCandidates(this.#negotiation.local.reveal(), this.ice.candidates);
  }

  get remoteDescription(): string {
    if (this.#negotiation.state === 'negotiated') return this.#negotiation.remote.reveal();
    throw new KurentoError('SDP_END_POINT_NO_REMOTE_SDP_ERROR', 'No remote SDP');
  }

  processOffer(offer: string): string {
    if (offer === '') throw new KurentoError('SDP_PARSE_ERROR', 'Empty offer not valid');
    this.#mustBeNew();
    const plan = this.#plan(offer);
    const transport = this.#newTransport();
    try {
      const answer = writeAnswer(plan, this.#streams, transport.accept(plan.transport));
      this.#settle(plan, { offer, answer }, transport);
      return answer;
    } catch (cause) {
      transport.close();
      throw new KurentoError('SDP_END_POINT_PROCESS_OFFER_ERROR', 'Error processing offer', { cause });
    }
  }

  generateOffer(): string {
    this.#mustBeNew();
    const transport = this.#newTransport();
    const offer = writeOffer(this.#streams, transport.offer(), this.#direction);
    this.#negotiation = { state: 'offered', local: new SdpText(offer), transport };
    this.ice.negotiated([
      { mid: 'audio0', index: 0 },
      { mid: 'video0', index: 1 },
    ]);
    return offer;
  }

  /** Answers with the local description, as Kurento does. */
  processAnswer(answer: string): string {
    const before = this.#negotiation;
    if (before.state === 'negotiated') {
      throw new KurentoError('SDP_END_POINT_ANSWER_ALREADY_PROCCESED', 'Sdp Answer already processed');
    }
    if (before.state === 'new') {
      const message = 'Offer not generated. It is not possible to process an answer.';
      throw new KurentoError('SDP_END_POINT_NOT_OFFER_GENERATED', message);
    }
    const plan = this.#plan(answer);
    try {
      before.transport.complete(plan.transport);
    } catch (cause) {
      throw new KurentoError('SDP_END_POINT_PROCESS_ANSWER_ERROR', 'Error processing answer', { cause });
    }
    this.#settle(plan, { offer: answer, answer: before.local.reveal() }, before.transport);
    this.ice.changed('checking', null);
    return before.local.reveal();
  }

  /** Like Kurento, swallows what is no candidate; those that come before the offer wait for it. */
  addIceCandidate(candidate: string): void {
    if (candidate === '') return;
    if (this.#negotiation.state === 'negotiated') this.#negotiation.transport.addCandidate(candidate);
    else if (this.#early.length < MAX_EARLY_CANDIDATES) this.#early.push(candidate);
  }

  flowing(direction: FlowDirection, kind: MediaKind): boolean {
    return this.#flows[direction][kind].flowing;
  }

  /** Called now and then: notices media that stopped. */
  checkFlows(now: number): void {
    for (const flows of [this.#flows.in, this.#flows.out]) {
      flows.audio.check(now);
      flows.video.check(now);
    }
  }

  fail(description: string): void {
    this.emit('Error', { description, errorCode: 40_000 });
  }

  override release(): void {
    if (this.released) return;
    super.release();
    this.#host.patchBay.connections.drop(this);
    if (this.#negotiation.state !== 'new') this.#negotiation.transport.close();
  }

  #mustBeNew(): void {
    if (this.#negotiation.state === 'new') return;
    throw new KurentoError('SDP_END_POINT_ALREADY_NEGOTIATED', 'Endpoint already negotiated');
  }

  #plan(sdp: string): Plan {
    try {
      const options = { local: this.#streams, video: this.#videoPreference(), direction: this.#direction };
      return planMedia(parseSdp(sdp), options);
    } catch (cause) {
      throw new KurentoError('SDP_PARSE_ERROR', 'Invalid SDP', { cause });
    }
  }

  /** There is no transcoding, so what another endpoint of the pipeline has settled on comes first. */
  #videoPreference(): VideoCodec[] {
    const others = [...(this.parent?.children ?? [])].filter((child) => child instanceof WebRtcEndpoint);
    const settled = others.map((other) => other.leg?.plan.media.video?.codec.name).find((name) => name !== undefined);
    return settled === 'H264' ? ['H264', 'VP8'] : ['VP8', 'H264'];
  }

  #settle(plan: Plan, sdp: { offer: string; answer: string }, transport: Transport): void {
    const leg = new Leg(plan, {
      send: (packet) => transport.send(packet),
      now: () => this.#host.now(),
      onMediaOut: (kind) => this.#flows.out[kind].passed(this.#host.now()),
      onMediaIn: (kind) => this.#flows.in[kind].passed(this.#host.now()),
    });
    const local = new SdpText(sdp.answer);
    this.#negotiation = { state: 'negotiated', local, remote: new SdpText(sdp.offer), transport, leg };
    for (const candidate of this.#early.splice(0)) transport.addCandidate(candidate);
    this.ice.negotiated(plan.sections.flatMap((each, index) => (each.accepted ? [{ mid: each.mid, index }] : [])));
    this.emit('MediaSessionStarted');
    this.#host.patchBay.refresh(this);
  }

  #newTransport(): Transport {
    const transport: Transport = new Transport(this.id, this.#host.rtcConfig(this.#servers()), {
      onCandidate: (candidate) => this.ice.candidate(candidate),
      onGathered: () => this.ice.gathered(),
      onIceState: (state) => this.#iceChanged(state, transport),
      onOpen: (open) => this.#connected(open ? 'CONNECTED' : 'DISCONNECTED'),
      onPacket: (packet) => this.#receive(packet),
    });
    return transport;
  }

  /** libdatachannel says `checking` as soon as it has gathered; there is nothing to check before the peer is known. */
  #iceChanged(state: IceState, transport: Transport): void {
    if (this.#negotiation.state !== 'offered') this.ice.changed(state, transport.selectedPair());
  }

  #servers(): string[] {
    const stun = this.properties.get('stunServerAddress');
    const turn = this.properties.get('turnUrl');
    return [
      ...(stun ? [`stun:${stun}:${this.properties.get('stunServerPort') ?? 3478}`] : []),
      ...(turn ? [`turn:${turn}`] : []),
    ];
  }

  #receive(packet: Buffer): void {
    this.#setMedia('CONNECTED');
    this.leg?.receive(packet);
  }

  #connected(newState: Connectivity): void {
    const oldState = this.#connection;
    this.#connection = newState;
    this.emit('ConnectionStateChanged', { newState, oldState });
    if (newState === 'DISCONNECTED') this.#setMedia(newState);
    this.#host.patchBay.refresh(this);
  }

  #setMedia(newState: Connectivity): void {
    const oldState = this.#media;
    if (oldState === newState) return;
    this.#media = newState;
    this.emit('MediaStateChanged', { newState, oldState });
  }

  #flow(direction: FlowDirection, kind: MediaKind): Flow {
    const type = direction === 'in' ? 'MediaFlowInStateChanged' : 'MediaFlowOutStateChanged';
    return new Flow((flowing) => {
      const state = flowing ? 'FLOWING' : 'NOT_FLOWING';
      this.emit(type, { mediaType: kind.toUpperCase(), padName: 'default', state });
    });
  }
}

function newStreams(): LocalStreams {
  const ssrc = () => randomInt(1, 0xffff_ffff);
  return { cname: randomUUID(), stream: randomUUID(), audio: ssrc(), video: ssrc(), videoRtx: ssrc() };
}
