/** What each message of the client protocol is for, in one sentence. */
import type { ClientMessageType, ServerMessageType } from '@switchboard/protocol';

export const CLIENT_WORDS: Record<ClientMessageType, string> = {
  login: 'Says who this is; with `resume` it goes on with a session whose socket broke.',
  call: 'Calls another user; a repeated `requestID` is the same call.',
  incomingCallResponse: 'Accepts a call that rings here, with an offer, or declines it.',
  ringing: 'The device really rings.',
  onIceCandidate: 'A candidate of one of the client’s offers.',
  stop: 'Cancels a call that the client placed while it rings, or hangs up.',
  renegotiate: 'A new offer for a running call: after a reload, or from another network.',
  mediaState: 'What the client sends just now: shown to the other party.',
  presence: 'The users whose presence this session watches from now on.',
  setPresence: 'What the device says of its user.',
  ping: 'Asks whether the gateway is still there.',
};

export const SERVER_WORDS: Record<ServerMessageType, string> = {
  loginResponse: 'The session that this socket is now, or why it is refused.',
  callResponse: 'The answer to the client’s call, with the SDP of the media server, or why there is none.',
  incomingCall: 'Somebody calls: the device is to ring.',
  startCommunication: 'The SDP answer to whoever accepted.',
  stopCommunication: 'The call is over for this device.',
  iceCandidate: 'A candidate of the media server; never before the SDP that it belongs to.',
  callProgress: 'The phase that a call has reached.',
  callState: 'How a call is now, after a resume or a glare: it replaces what the client knew of it.',
  peerState: 'The other party’s socket broke, or is back; the talk goes on meanwhile.',
  mediaState: 'What the other party sends just now.',
  renegotiate: 'The client is to make a new connection and offer it.',
  renegotiated: 'The SDP answer to a new offer.',
  presenceChanged: 'How others see a watched user now.',
  reconnect: 'This gateway is going away: connect to another one after so long.',
  pong: 'The answer to `ping`.',
  error: 'What was wrong with a message; the socket stays open.',
};

export const INFO = `One-to-one video calls over one WebSocket: a JSON object in each text frame. The words around it are in docs/protocol.md, the order of
messages in flows.md.

A client that names \`native\` among its \`capabilities\` gets all of this; any other one gets the messages \`loginResponse\` (rejected),
\`callResponse\`, \`incomingCall\`, \`startCommunication\`, \`stopCommunication\` and \`iceCandidate\`, each without the fields that need not be there.
A client ignores fields and messages that it does not know.`;
