/** What legs and pipes show each other; both files depend on this one, so that neither depends on the other. */
import type { MediaKind } from '../sdp/codecs.ts';
import type { Plan } from '../sdp/plan.ts';
import type { OutStream } from './out-stream.ts';
import type { RtpView } from './rtp.ts';

/** One SSRC of the peer. */
export interface InStream {
  readonly kind: MediaKind;
  readonly rtx: boolean;
  readonly payloadType: number;
  ssrc: number | null;
  packets: number;
  bytes: number;
}

/** What the peer receives of one kind. */
export interface OutMedia {
  readonly kind: MediaKind;
  readonly main: OutStream;
  readonly rtx: OutStream | null;
}

export interface LegPort {
  readonly plan: Plan;
  readonly outputs: Readonly<Record<MediaKind, Set<PipePort>>>;
  readonly inputs: Record<MediaKind, PipePort | null>;
  now(): number;
  send(packet: Buffer, kind: MediaKind): void;
  sendRtcp(packet: Buffer): void;
  stream(kind: MediaKind, rtx: boolean): InStream | undefined;
  streamBySsrc(ssrc: number): InStream | undefined;
  outBySsrc(ssrc: number): { readonly kind: MediaKind; readonly rtx: boolean } | null;
  cachedFrames(): readonly Buffer[];
  requestKeyFrame(): void;
}

export interface PipePort {
  readonly kind: MediaKind;
  readonly source: LegPort;
  readonly sink: LegPort;
  readonly live: boolean;
  readonly sinkSsrc: number;
  /** What is added to the source's sequence numbers, timestamps (codec clock) and RTX sequence numbers. */
  readonly sequenceShift: number;
  readonly timestampShift: number;
  readonly rtxSequenceShift: number;
  relay(packet: Buffer, view: RtpView, rtx: boolean): void;
}
