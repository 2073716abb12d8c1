/** Legs and pipes without any network: what goes in at one leg comes out at the other. */
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { Flow, SILENCE_MS } from '../src/relay/flow.ts';
import { Leg } from '../src/relay/leg.ts';
import { OutStream } from '../src/relay/out-stream.ts';
import { Pipe } from '../src/relay/pipe.ts';
import type { MediaKind } from '../src/sdp/codecs.ts';
import { parseSdp } from '../src/sdp/parse.ts';
import { planMedia } from '../src/sdp/plan.ts';

let now = 0;
const LEFT = { opus: 111, vp8: 96, rtx: 97, audio: 11, video: 12, videoRtx: 13, localBase: 1000 };
const RIGHT = { opus: 109, vp8: 120, rtx: 124, audio: 21, video: 22, videoRtx: 23, localBase: 2000 };

class TestLeg {
  readonly sent: Buffer[] = [];
  readonly leg: Leg;

  constructor(ids: typeof LEFT) {
    const lines = (kind: string, mid: number, types: string) => [
      `m=${kind} 9 UDP/TLS/RTP/SAVPF ${types}`,
      `a=mid:${mid}`,
      'a=ice-ufrag:u',
      'a=ice-pwd:p',
      'a=fingerprint:sha-256 A',
    ];
    const sdp = [
      'v=0',
      'a=group:BUNDLE 0 1',
      ...lines('audio', 0, `${ids.opus}`),
      `a=rtpmap:${ids.opus} opus/48000/2`,
      `a=ssrc:${ids.audio} cname:x`,
      ...lines('video', 1, `${ids.vp8} ${ids.rtx}`),
      `a=rtpmap:${ids.vp8} VP8/90000`,
      `a=rtpmap:${ids.rtx} rtx/90000`,
      `a=fmtp:${ids.rtx} apt=${ids.vp8}`,
      `a=ssrc-group:FID ${ids.video} ${ids.videoRtx}`,
    ].join('\r\n');
    const base = ids.localBase;
    const local = { cname: 'c', stream: 's', audio: base + 1, video: base + 2, videoRtx: base + 3 };
    const plan = planMedia(parseSdp(sdp), { local, video: ['VP8'], direction: 'sendrecv' });
    this.leg = new Leg(plan, {
      send: (packet) => this.sent.push(Buffer.from(packet)) > 0,
      now: () => now,
      onMediaOut: () => undefined,
      onMediaIn: () => undefined,
    });
  }
}

function pipe(source: TestLeg, sink: TestLeg, kind: MediaKind): Pipe {
  const out = sink.leg.outMedia[kind];
  if (!out) throw new Error('sink takes nothing');
  const made = new Pipe(source.leg, sink.leg, out);
  source.leg.outputs[kind].add(made);
  sink.leg.inputs[kind] = made;
  made.open();
  return made;
}

const rtp = (type: number, ssrc: number, sequence: number, payload: readonly number[] = [0x10, 1]) => {
  const packet = Buffer.alloc(12 + payload.length);
  packet.set([0x80, type]);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE((sequence * 3000) >>> 0, 4);
  packet.writeUInt32BE(ssrc, 8);
  packet.set(payload, 12);
  return packet;
};
const read = (packet: Buffer | undefined) => ({
  type: (packet?.readUInt8(1) ?? 0) & 0x7f,
  sequence: packet?.readUInt16BE(2),
  timestamp: packet?.readUInt32BE(4),
  ssrc: packet?.readUInt32BE(8),
});
const rtcp = (format: number, type: number, words: readonly number[]) => {
  const packet = Buffer.alloc(4 + words.length * 4);
  packet.set([0x80 | format, type, 0, words.length]);
  words.forEach((word, index) => packet.writeUInt32BE(word >>> 0, 4 + index * 4));
  return packet;
};
const words = (packet: Buffer | undefined) =>
  Array.from({ length: ((packet?.length ?? 4) - 4) / 4 }, (_, index) => packet?.readUInt32BE(4 + index * 4));

let left: TestLeg;
let right: TestLeg;
beforeEach(() => {
  now = 1_000_000;
  left = new TestLeg(LEFT);
  right = new TestLeg(RIGHT);
});

test('SSRC and payload type become the sink’s, sequence numbers and timestamps stay', () => {
  pipe(left, right, 'video');
  left.leg.receive(rtp(96, 12, 500));
  expect(right.sent.map(read)).toEqual([{ type: 120, sequence: 500, timestamp: 1_500_000, ssrc: 2002 }]);
});

test('without a pipe, and with the wrong payload type, nothing passes', () => {
  left.leg.receive(rtp(96, 12, 500));
  pipe(left, right, 'audio');
  left.leg.receive(rtp(96, 11, 1));
  left.leg.receive(rtp(77, 11, 1));
  expect(right.sent).toEqual([]);
});

test('a retransmission keeps pointing at the packet it repeats', () => {
  pipe(left, right, 'video');
  left.leg.receive(rtp(96, 12, 500));
  left.leg.receive(rtp(97, 13, 9, [0x01, 0xf4, 0x10, 1]));
  expect(read(right.sent[1])).toMatchObject({ type: 124, ssrc: 2003 });
  expect(right.sent[1]?.readUInt16BE(12)).toBe(500);
});

test('a second source goes on where the first one stopped, and feedback is counted back', () => {
  const third = new TestLeg({ ...LEFT, video: 32, videoRtx: 33, localBase: 3000 });
  const first = pipe(left, right, 'video');
  left.leg.receive(rtp(96, 12, 65_535));
  first.close();
  now += 1000;
  pipe(third, right, 'video');
  third.leg.receive(rtp(96, 32, 100));
  expect(right.sent.map(read).map(({ sequence }) => sequence)).toEqual([65_535, 0]);
  expect(read(right.sent[1]).timestamp).toBe(65_535 * 3000 + 90_000);
  right.leg.receive(rtcp(1, 205, [22, 2002, 0x0000_0000]));
  expect(words(third.sent.at(-1))).toEqual([3002, 32, 100 << 16]);
});

test('frames since the key frame come first, drawn together in time, without a gap to what follows', () => {
  left.leg.receive(rtp(96, 12, 9, [0x10, 1]));
  left.leg.receive(rtp(96, 12, 10, [0x10, 0]));
  for (const sequence of [11, 12, 13]) left.leg.receive(rtp(96, 12, sequence));
  pipe(left, right, 'video');
  left.leg.receive(rtp(96, 12, 14));
  const got = right.sent.map(read);
  expect(got.map(({ sequence }) => sequence)).toEqual([10, 11, 12, 13, 14]);
  expect(got.map(({ timestamp }) => timestamp)).toEqual([38_730, 38_820, 38_910, 39_000, 42_000]);
});

test('a run of frames that grew too long is let go, and a new key frame asked for while nobody watches', () => {
  left.leg.receive(rtp(96, 12, 10, [0x10, 0]));
  for (let sequence = 11; sequence < 500; sequence += 1) left.leg.receive(rtp(96, 12, sequence));
  expect(left.leg.cachedFrames()).toEqual([]);
  expect(left.sent.map((packet) => packet[1])).toEqual([206]);
});

test('PLI and FIR become one PLI to the source', () => {
  pipe(left, right, 'video');
  left.leg.receive(rtp(96, 12, 1));
  right.leg.receive(rtcp(1, 206, [22, 2002]));
  right.leg.receive(rtcp(4, 206, [22, 0, 2002, 1 << 24]));
  expect(left.sent.map((packet) => [packet[0], packet[1], ...words(packet)])).toEqual([[0x81, 206, 1002, 12]]);
});

test('a receiver report comes to the source about its own SSRC', () => {
  pipe(left, right, 'video');
  left.leg.receive(rtp(96, 12, 500));
  right.leg.receive(rtcp(1, 201, [22, 2002, 0x05_000003, 0x0001_01f4, 7, 8, 9]));
  expect(left.sent[0]?.[1]).toBe(201);
  expect(words(left.sent[0])).toEqual([1002, 12, 0x05_000003, 0x0001_01f4, 7, 8, 9]);
});

test('a sender report goes to the sink, its blocks to the source', () => {
  pipe(left, right, 'video');
  pipe(right, left, 'video');
  left.leg.receive(rtp(96, 12, 500));
  right.leg.receive(rtp(120, 22, 600));
  left.sent.length = right.sent.length = 0;
  left.leg.receive(rtcp(1, 200, [12, 1, 2, 3_000, 5, 6, 1002, 0, 600, 0, 0, 0]));
  expect(right.sent.map((packet) => packet[1])).toEqual([200, 201]);
  expect(words(right.sent[0])).toEqual([2002, 1, 2, 3_000, 5, 6]);
  expect(words(right.sent[1])).toEqual([2002, 22, 0, 600, 0, 0, 0]);
});

test('transport-wide feedback and bitrate estimates are about the source’s SSRCs', () => {
  pipe(left, right, 'video');
  left.leg.receive(rtp(96, 12, 500));
  left.leg.receive(rtp(97, 13, 9));
  right.leg.receive(rtcp(15, 205, [22, 2002, 0xaaaa, 0xbbbb]));
  expect(words(left.sent.at(-1))).toEqual([1002, 12, 0xaaaa, 0xbbbb]);
  right.leg.receive(rtcp(15, 206, [22, 0, 0x52454d42, 0x0200_1234, 2002, 2003]));
  expect(words(left.sent.at(-1))).toEqual([1002, 0, 0x52454d42, 0x0200_1234, 12, 13]);
});

test('random control packets never break the relay', () => {
  pipe(left, right, 'video');
  pipe(right, left, 'video');
  left.leg.receive(rtp(96, 12, 500));
  const type = fc.constantFrom(200, 201, 202, 203, 205, 206, 207);
  const part = fc.tuple(
    fc.integer({ min: 0, max: 31 }),
    type,
    fc.array(fc.constantFrom(0, 12, 22, 1002, 2002, 2003, 0x52454d42, 0xffff_ffff), { maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), fc.nat(40), (parts, cut) => {
      const whole = Buffer.concat(parts.map(([format, kind, content]) => rtcp(format, kind, content)));
      now += 10;
      right.leg.receive(whole.subarray(0, Math.max(0, whole.length - cut)));
    }),
    { numRuns: 1000 },
  );
  for (const packet of left.sent) expect(packet.length % 4).toBe(0);
});

test('random packets never break a leg', () => {
  pipe(left, right, 'video');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => left.leg.receive(Buffer.from(bytes))),
    { numRuns: 1000 },
  );
});

test('whatever sources take turns, the sink’s sequence numbers only go up by one', () => {
  const turns = fc.array(fc.record({ first: fc.nat(65_535), packets: fc.integer({ min: 1, max: 50 }) }), {
    minLength: 1,
    maxLength: 10,
  });
  fc.assert(
    fc.property(turns, (all) => {
      const out = new OutStream(1, 96, 90_000);
      let last = -1;
      for (const { first, packets } of all) {
        const shift = out.sequenceShift(first);
        for (let index = 0; index < packets; index += 1) {
          const sequence = (first + index + shift) & 0xffff;
          if (last >= 0) expect(sequence).toBe((last + 1) & 0xffff);
          out.sent(sequence, 0, 1, 0);
          last = sequence;
        }
      }
    }),
  );
});

test('flow begins with the first packet and ends after silence', () => {
  const changes: boolean[] = [];
  const flow = new Flow((flowing) => changes.push(flowing));
  flow.check(5000);
  flow.passed(5000);
  flow.passed(5010);
  flow.check(5010 + SILENCE_MS - 1);
  flow.check(5010 + SILENCE_MS);
  flow.passed(9000);
  expect(changes).toEqual([true, false, true]);
});
