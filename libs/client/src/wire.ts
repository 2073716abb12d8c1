/**
 * The edge to the server: text to messages, and back. The server is trusted to keep its own schemas; what is checked here is
 * only that a frame is a message of a known type, so that the schemas (and zod) stay out of the browser's bundle.
 */
import type { ClientMessageInput, ServerMessage, ServerMessageType } from '@switchboard/protocol';

export type { ClientMessageInput, ServerMessage };
export type MessageOf<T extends ServerMessageType> = Extract<ServerMessage, { type: T }>;
export type Accepted = Extract<MessageOf<'loginResponse'>, { content: 'accepted' }>;
/** What moves a call on; each carries `n`, the call's version. */
export type CallMessage = MessageOf<
  | 'callProgress'
  | 'callResponse'
  | 'startCommunication'
  | 'stopCommunication'
  | 'peerState'
  | 'mediaState'
  | 'renegotiate'
  | 'renegotiated'
>;

const KNOWN: Record<ServerMessageType, true> = {
  loginResponse: true,
  callResponse: true,
  incomingCall: true,
  startCommunication: true,
  stopCommunication: true,
  iceCandidate: true,
  callProgress: true,
  callState: true,
  peerState: true,
  mediaState: true,
  renegotiate: true,
  renegotiated: true,
  presenceChanged: true,
  reconnect: true,
  pong: true,
  error: true,
};

/** Undefined for what a later server may say and this version does not know. */
export function readMessage(data: unknown): ServerMessage | undefined {
  if (typeof data !== 'string') return undefined;
  const message = parse(data);
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  return Object.hasOwn(KNOWN, String(message.type)) ? (message as ServerMessage) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A gateway is named by its page's address (`https://host:8443`) or by its socket's (`wss://host:8443/videoCall`). */
export function socketURL(gateway: string): string {
  const url = new URL(gateway);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  if (!url.pathname.endsWith('/videoCall')) url.pathname = `${url.pathname.replace(/\/$/, '')}/videoCall`;
  return url.href;
}
