import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSdp, SdpError } from '../src/sdp/parse.ts';
import { planMedia, type LocalStreams, type PlanOptions } from '../src/sdp/plan.ts';
import { SdpText } from '../src/sdp/sdp-text.ts';
import { withCandidates, writeAnswer, writeOffer, type LocalTransport } from '../src/sdp/write.ts';
import { readRecording } from './recording.ts';

const local: LocalStreams = { cname: 'c', stream: 's', audio: 1001, video: 1002, videoRtx: 1003 };
const transport: LocalTransport = { ufrag: 'uf', password: 'pw', fingerprint: 'sha-256 AA:BB', setup: 'active' };
const options: PlanOptions = { local, video: ['VP8', 'H264'], direction: 'sendrecv' };

const chromeOffers = readRecording('wire-call-vp8.jsonl')
  .filter(({ dir, frame }) => dir === 'C->S' && frame.includes('processOffer'))
  .map(
    ({ frame }) =>
      (JSON.parse(frame) as { params: { operationParams: { offer: string } } }).params.operationParams.offer,
  );
const chrome = chromeOffers[0] ?? '';

const answerTo = (offer: string, with_: Partial<PlanOptions> = {}) =>
  writeAnswer(planMedia(parseSdp(offer), { ...options, ...with_ }), local, transport);

/** The lines of the section of `kind`. */
const section = (sdp: string, kind: string) => {
  const part = sdp.split(/^m=/m).find((each) => each.startsWith(kind));
  return part?.split('\r\n').filter(Boolean) ?? [];
};

test('Chromium gets one codec per kind, retransmissions, its own mids and header extension ids', () => {
  const answer = answerTo(chrome);
  expect(answer).toContain('a=group:BUNDLE 0 1\r\n');
  expect(section(answer, 'audio')[0]).toBe('audio 9 UDP/TLS/RTP/SAVPF 111');
  expect(section(answer, 'video')[0]).toBe('video 9 UDP/TLS/RTP/SAVPF 96 97');
  expect(section(answer, 'video')).toEqual(
    expect.arrayContaining([
      'a=mid:1',
      'a=sendrecv',
      'a=rtcp-mux',
      'a=setup:active',
      'a=ice-options:trickle',
      'a=fmtp:97 apt=96',
      'a=ssrc-group:FID 1002 1003',
      'a=rtcp-fb:96 transport-cc',
      'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
    ]),
  );
  expect(answer).not.toContain('rtp-stream-id');
});

test('what the peer sends is read: SSRCs, payload types, ids', () => {
  const { media } = planMedia(parseSdp(chrome), options);
  expect(media.video).toMatchObject({ remoteSsrc: 526629079, remoteRtxSsrc: 1544450613, mid: '1' });
  expect(media.audio).toMatchObject({ remoteSsrc: 684913489, remoteRtxSsrc: null });
});

test('VP8 comes first, H264 where it is preferred, with packetization mode 1 and the constrained baseline', () => {
  expect(section(answerTo(chrome, { video: ['H264', 'VP8'] }), 'video')[0]).toBe('video 9 UDP/TLS/RTP/SAVPF 108 109');
  const withoutVp8 = chrome.replaceAll('VP8/90000', 'VP7/90000');
  expect(section(answerTo(withoutVp8), 'video')[0]).toBe('video 9 UDP/TLS/RTP/SAVPF 108 109');
});

test('a section that cannot be relayed is refused with port 0 and left out of the bundle', () => {
  const data = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n';
  const answer = answerTo(chrome.replace('BUNDLE 0 1', 'BUNDLE 0 1 2') + data);
  expect(section(answer, 'application')[0]).toBe('application 0 UDP/DTLS/SCTP webrtc-datachannel');
  expect(answer).toContain('a=group:BUNDLE 0 1\r\n');
  const withoutCodec = chrome.replace(/a=rtpmap:\d+ (VP8|H264)/g, 'a=rtpmap:96 XX');
  expect(section(answerTo(withoutCodec), 'video')[0]).toMatch(/^video 0 /);
});

test('sections outside the bundle are refused: there is one transport', () => {
  expect(section(answerTo(chrome.replace('a=group:BUNDLE 0 1\r\n', '')), 'video')[0]).toMatch(/^video 0 /);
});

test('a section with port 0 is accepted if it is to be had in the bundle only, as Firefox offers under max-bundle', () => {
  const closed = chrome.replace('m=video 9 ', 'm=video 0 ');
  expect(section(answerTo(closed), 'video')[0]).toMatch(/^video 0 /);
  const bundleOnly = closed.replace('a=mid:1\r\n', 'a=mid:1\r\na=bundle-only\r\n');
  const answer = answerTo(bundleOnly);
  expect(section(answer, 'video')[0]).toBe('video 9 UDP/TLS/RTP/SAVPF 96 97');
  expect(answer).toContain('a=group:BUNDLE 0 1\r\n');
  expect(answer).not.toContain('bundle-only');
  expect(section(answerTo(bundleOnly.replace('BUNDLE 0 1', 'BUNDLE 0')), 'video')[0]).toMatch(/^video 0 /);
});

test.each([
  ['sendrecv', 'sendrecv'],
  ['sendonly', 'recvonly'],
  ['recvonly', 'sendonly'],
  ['inactive', 'inactive'],
])('an offer that is %s is answered with %s', (offered, answered) => {
  const answer = section(answerTo(chrome.replaceAll('a=sendrecv', `a=${offered}`)), 'video');
  expect(answer).toContain(`a=${answered}`);
  expect(answer.some((line) => line.startsWith('a=ssrc:'))).toBe(answered.startsWith('send'));
});

test('an offer of audio alone is answered with audio alone', () => {
  const audio = chrome.slice(0, chrome.indexOf('m=video')).replace('BUNDLE 0 1', 'BUNDLE 0');
  const answer = answerTo(audio);
  expect(answer.match(/^m=/gm)).toHaveLength(1);
  expect(answer).toContain('a=group:BUNDLE 0\r\n');
});

test.each([
  ['no SDP', 'garbage'],
  ['no ICE', chrome.replace(/a=ice-ufrag.*\r\n/g, '')],
  ['no fingerprint', chrome.replace(/a=fingerprint.*\r\n/g, '')],
  ['no media', chrome.slice(0, chrome.indexOf('m=audio'))],
  ['too long', chrome + 'a=x\r\n'.repeat(30_000)],
])('an offer with %s is refused', (_, offer) => {
  expect(() => answerTo(offer)).toThrow(SdpError);
});

test('whatever is cut out of or put into an offer, it is answered or refused, never anything else', () => {
  const lines = chrome.split('\r\n');
  const edit = fc.record({
    at: fc.nat(lines.length),
    remove: fc.nat(4),
    insert: fc.array(fc.string(), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 6 }), (edits) => {
      const changed = [...lines];
      for (const { at, remove, insert } of edits) changed.splice(at, remove, ...insert);
      try {
        answerTo(changed.join('\r\n'));
      } catch (error) {
        expect(error).toBeInstanceOf(SdpError);
      }
    }),
  );
});

test('the own offer can be planned against, and candidates go into every section', () => {
  const offer = writeOffer(local, { ...transport, setup: 'actpass' }, 'recvonly');
  const { media } = planMedia(parseSdp(offer), options);
  expect(media).toMatchObject({ audio: { mid: 'audio0', direction: 'sendonly' }, video: { mid: 'video0' } });
  const told = withCandidates(offer, ['candidate:1 1 UDP 1 192.0.2.1 5 typ host']);
  expect(told.match(/^a=candidate:1 /gm)).toHaveLength(2);
});

test('SDP does not get into a log by accident', () => {
  const text = new SdpText('a=ice-pwd:secret');
  expect(`${text} ${JSON.stringify({ text })}`).not.toContain('secret');
  expect(text.reveal()).toContain('secret');
});
