/** For the tests of the worker. */

/** An offer with one audio and one video line, as a browser would send it; nothing listens behind it. */
export const OFFER = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'a=msid-semantic: WMS s',
  ...section('audio', '111', ['a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1'], 0),
  ...section(
    'video',
    '96',
    ['a=rtpmap:96 VP8/90000', 'a=rtcp-fb:96 nack', 'a=rtcp-fb:96 nack pli', 'a=rtcp-fb:96 ccm fir'],
    1,
  ),
  '',
].join('\r\n');

function section(kind: string, payload: string, codec: readonly string[], mid: number): string[] {
  return [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payload}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    'a=ice-ufrag:4ZcD',
    'a=ice-pwd:2/1muCWoOi3uLifh0NuRHlJv',
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, (_, i) => (i + 16).toString(16).toUpperCase()).join(':')}`,
    'a=setup:actpass',
    `a=mid:${String(mid)}`,
    'a=sendrecv',
    'a=rtcp-mux',
    ...codec,
    `a=ssrc:${String(1000 + mid)} cname:test`,
  ];
}
