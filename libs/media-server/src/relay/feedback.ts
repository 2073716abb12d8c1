/**
 * What a peer's RTCP means for the others. Reports and requests about media it receives go back to the source of
 * that media, its own sender reports go along with the media it sends; the rest (SDES, BYE, XR) stays here.
 */
import type { MediaKind } from '../sdp/codecs.ts';
import type { LegPort } from './ports.ts';
import * as rtcp from './rtcp.ts';
import { PAYLOAD_FEEDBACK, RTCP, TRANSPORT_FEEDBACK } from './rtcp.ts';

export function handleRtcp(leg: LegPort, packet: Buffer): void {
  rtcp.forEachRtcp(packet, (type, count, part) => {
    if (type === RTCP.senderReport) relaySenderReport(leg, part);
    if (type === RTCP.senderReport || type === RTCP.receiverReport) relayReportBlocks(leg, type, count, part);
    else if (type === RTCP.transportFeedback) relayTransportFeedback(leg, count, part);
    else if (type === RTCP.payloadFeedback) relayPayloadFeedback(leg, count, part);
  });
}

function relaySenderReport(leg: LegPort, part: Buffer): void {
  const stream = leg.streamBySsrc(part.readUInt32BE(4));
  if (!stream || stream.rtx) return;
  for (const pipe of leg.outputs[stream.kind]) {
    const report = rtcp.senderReport(part, pipe.sinkSsrc, pipe.timestampShift);
    if (pipe.live && report) pipe.sink.sendRtcp(report);
  }
}

function relayReportBlocks(leg: LegPort, type: number, count: number, part: Buffer): void {
  for (const at of rtcp.reportBlocks(part, type, count)) {
    const target = targetOf(leg, part.readUInt32BE(at));
    if (!target) continue;
    const block = part.subarray(at, at + rtcp.REPORT_BLOCK_BYTES);
    target.source.sendRtcp(rtcp.receiverReport(target.senderSsrc, block, target.ssrc, target.shift));
  }
}

function relayTransportFeedback(leg: LegPort, format: number, part: Buffer): void {
  if (part.length < 12) return;
  const target = targetOf(leg, part.readUInt32BE(8));
  if (format === TRANSPORT_FEEDBACK.nack && target) {
    target.source.sendRtcp(rtcp.nack(part, target.senderSsrc, target.ssrc, target.shift));
  }
  // Transport-wide congestion control counts the packets of the whole transport: any of its streams will do.
  const whole = target ?? targetOfKind(leg, 'video') ?? targetOfKind(leg, 'audio');
  if (format === TRANSPORT_FEEDBACK.transportCc && whole) {
    whole.source.sendRtcp(rtcp.withSsrcs(part, whole.senderSsrc, whole.ssrc));
  }
}

function relayPayloadFeedback(leg: LegPort, format: number, part: Buffer): void {
  if (format === PAYLOAD_FEEDBACK.pli || format === PAYLOAD_FEEDBACK.fir) {
    if (leg.inputs.video?.live) leg.inputs.video.source.requestKeyFrame();
  }
  if (format !== PAYLOAD_FEEDBACK.application) return;
  const targets = rtcp.rembSsrcs(part).flatMap((ssrc) => targetOf(leg, ssrc) ?? []);
  const first = targets[0];
  if (!first) return;
  const ssrcs = targets.filter(({ source }) => source === first.source).map(({ ssrc }) => ssrc);
  first.source.sendRtcp(rtcp.remb(part, first.senderSsrc, ssrcs));
}

interface Target {
  readonly source: LegPort;
  /** Under which SSRC this server speaks to the source. */
  readonly senderSsrc: number;
  readonly ssrc: number;
  /** What was added to the source's sequence numbers. */
  readonly shift: number;
}

/** Where media comes from that `leg` receives under `ssrc`. */
function targetOf(leg: LegPort, ssrc: number): Target | null {
  const out = leg.outBySsrc(ssrc);
  return out && targetOfKind(leg, out.kind, out.rtx);
}

function targetOfKind(leg: LegPort, kind: MediaKind, rtx = false): Target | null {
  const pipe = leg.inputs[kind];
  const ssrc = pipe?.source.stream(kind, rtx)?.ssrc;
  if (!pipe?.live || !ssrc) return null;
  const senderSsrc = pipe.source.plan.media[kind]?.localSsrc ?? 0;
  return { source: pipe.source, senderSsrc, ssrc, shift: rtx ? pipe.rtxSequenceShift : pipe.sequenceShift };
}
