import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beginsKeyFrame } from '../src/relay/key-frames.ts';
import { isRtcp, newRtpView, readRtp, rewriteExtensions, type ExtensionMap } from '../src/relay/rtp.ts';

const view = newRtpView();

/** An RTP packet with one-byte header extensions (RFC 8285). */
function packet(
  extensions: readonly (readonly [id: number, value: string])[],
  payload: readonly number[] = [],
): Buffer {
  const elements = extensions.flatMap(([id, value]) => [(id << 4) | (value.length - 1), ...Buffer.from(value)]);
  while (elements.length % 4 !== 0) elements.push(0);
  const head = [0x90, 96, 0, 7, 0, 0, 0, 9, 0, 0, 0, 201, 0xbe, 0xde, 0, elements.length / 4];
  return Buffer.from([...head, ...elements, ...payload]);
}

function elementsOf(bytes: Buffer): Record<number, string> {
  const found: Record<number, string> = {};
  expect(readRtp(bytes, view)).toBe(true);
  for (let at = view.extensionStart; at < view.extensionEnd;) {
    const head = bytes[at] ?? 0;
    const end = at + 2 + (head & 15);
    if (head !== 0) found[head >> 4] = bytes.toString('latin1', at + 1, end);
    at = head === 0 ? at + 1 : end;
  }
  return found;
}

function map(ids: Record<number, number>, midId = 0, mid = ''): ExtensionMap {
  const table = new Uint8Array(256);
  for (const [from, to] of Object.entries(ids)) table[Number(from)] = to;
  return { ids: table, midId, mid: Buffer.from(mid) };
}

test('a header is read', () => {
  expect(readRtp(packet([[4, '0']], [1, 2, 3]), view)).toBe(true);
  expect(view).toMatchObject({
    payloadType: 96,
    sequence: 7,
    timestamp: 9,
    ssrc: 201,
    payloadStart: 20,
    payloadEnd: 23,
  });
});

test('RTCP is told from RTP by its packet type', () => {
  expect(isRtcp(Buffer.from([0x80, 200, 0, 1, 0, 0, 0, 0]))).toBe(true);
  expect(isRtcp(packet([]))).toBe(false);
  expect(isRtcp(Buffer.from([0x80, 96 | 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]))).toBe(false);
});

test('extensions are renumbered, the mid replaced, what the other leg does not know taken out', () => {
  const bytes = packet([
    [3, 'tc'],
    [4, '0'],
    [9, 'xyz'],
  ]);
  readRtp(bytes, view);
  rewriteExtensions(bytes, view, map({ 3: 5, 4: 11 }, 4, '1'));
  expect(elementsOf(bytes)).toEqual({ 5: 'tc', 11: '1' });
});

test('a mid of another length is taken out: the SSRC tells the stream', () => {
  const bytes = packet([[4, '0']]);
  readRtp(bytes, view);
  rewriteExtensions(bytes, view, map({ 4: 4 }, 4, 'video0'));
  expect(elementsOf(bytes)).toEqual({});
});

test('two-byte extensions are renumbered too', () => {
  const bytes = Buffer.from([0x90, 96, 0, 7, 0, 0, 0, 9, 0, 0, 0, 201, 0x10, 0, 0, 2, 20, 1, 65, 0, 21, 1, 66, 0]);
  readRtp(bytes, view);
  rewriteExtensions(bytes, view, map({ 20: 30 }));
  expect([...bytes.subarray(16)]).toEqual([30, 1, 65, 0, 0, 0, 0, 0]);
});

test('mapping ids there and back gives the packet as it was', () => {
  const ids = fc.uniqueArray(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      ids,
      ids,
      fc.array(fc.string({ minLength: 1, maxLength: 8, unit: 'binary-ascii' }), { minLength: 6, maxLength: 6 }),
      (from, to, values) => {
        const pairs = from.slice(0, to.length).map((id, index) => [id, to[index] ?? 0] as const);
        const bytes = packet(pairs.map(([id], index) => [id, values[index] ?? 'x'] as const));
        const original = Buffer.from(bytes);
        readRtp(bytes, view);
        rewriteExtensions(bytes, view, map(Object.fromEntries(pairs)));
        rewriteExtensions(bytes, view, map(Object.fromEntries(pairs.map(([a, b]) => [b, a]))));
        expect(bytes.equals(original)).toBe(true);
      },
    ),
  );
});

test('random bytes are read or refused, and never written past the extension', () => {
  const rtpLike = fc.uint8Array({ maxLength: 200 }).map((bytes) => {
    const buffer = Buffer.from(bytes);
    if (buffer.length > 0) buffer[0] = 0x80 | ((buffer[0] ?? 0) & 0x3f);
    return buffer;
  });
  fc.assert(
    fc.property(rtpLike, fc.boolean(), (bytes, oneByte) => {
      if (bytes.length > 16) bytes.set(oneByte ? [0xbe, 0xde, 0] : [0x10, 0x00, 0], 12);
      const original = Buffer.from(bytes);
      if (!readRtp(bytes, view)) return;
      expect(view.payloadStart).toBeLessThanOrEqual(view.payloadEnd);
      expect(view.payloadEnd).toBeLessThanOrEqual(bytes.length);
      rewriteExtensions(bytes, view, map({ 1: 2, 5: 0, 7: 14 }, 1, 'a'));
      expect(bytes.subarray(view.payloadStart).equals(original.subarray(view.payloadStart))).toBe(true);
      beginsKeyFrame.VP8(bytes, view);
      beginsKeyFrame.H264(bytes, view);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ['key frame', [0x10, 0x00], true],
  ['key frame with picture id and temporal layer', [0x90, 0xf0, 0x81, 0x02, 3, 4, 0x10], true],
  ['later frame', [0x10, 0x01], false],
  ['later packet of a key frame', [0x00, 0x00], false],
  ['nothing', [], false],
])('VP8: %s', (_, payload, expected) => {
  const bytes = packet([], payload);
  readRtp(bytes, view);
  expect(beginsKeyFrame.VP8(bytes, view)).toBe(expected);
});

test.each([
  ['IDR', [0x65, 1], true],
  ['parameter sets', [0x67, 1], true],
  ['parameter sets and IDR aggregated', [0x78, 0, 2, 0x68, 1, 0, 2, 0x65, 1], true],
  ['first fragment of an IDR', [0x7c, 0x85, 1], true],
  ['later fragment of an IDR', [0x7c, 0x05, 1], false],
  ['other slice', [0x41, 1], false],
])('H264: %s', (_, payload, expected) => {
  const bytes = packet([], payload);
  readRtp(bytes, view);
  expect(beginsKeyFrame.H264(bytes, view)).toBe(expected);
});
