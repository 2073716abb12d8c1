/**
 * The SDP that libdatachannel gets to see. It is told of one section only, whatever the peer's offer has: then all
 * of the bundle's packets arrive on that one Track, whichever SSRC they carry, and exactly once. With a Track per
 * section it drops SSRCs that no description told, and hands a compound RTCP packet over once per SSRC in it
 * (libdatachannel 0.24, PeerConnection::dispatchMedia).
 */
import type { LocalTransport } from '../sdp/write.ts';
import type { RemoteTransport } from '../sdp/plan.ts';

/** The one section's mid. */
export const BRIDGE_MID = 'bridge';
export const BRIDGE_PAYLOAD_TYPE = 96;

export function bridgeSdp(remote: RemoteTransport): string {
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${BRIDGE_MID}`,
    `m=video 9 UDP/TLS/RTP/SAVPF ${BRIDGE_PAYLOAD_TYPE}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${BRIDGE_MID}`,
    'a=sendrecv',
    'a=rtcp-mux',
    `a=rtpmap:${BRIDGE_PAYLOAD_TYPE} VP8/90000`,
    `a=setup:${remote.setup}`,
    `a=ice-ufrag:${remote.ufrag}`,
    `a=ice-pwd:${remote.password}`,
    'a=ice-options:trickle',
    `a=fingerprint:${remote.fingerprint}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

export function localTransport(sdp: string): LocalTransport {
  const value = (name: string) => new RegExp(`^a=${name}:(.+?)\\r?$`, 'm').exec(sdp)?.[1] ?? '';
  return {
    ufrag: value('ice-ufrag'),
    password: value('ice-pwd'),
    fingerprint: value('fingerprint'),
    setup: value('setup'),
  };
}
