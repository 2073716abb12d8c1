/**
 * What makes this device a party: the call that it placed, or its accept. It may be lost with the socket, and is then said
 * again word for word, until the server shows that it heard it.
 *
 *   nothing ──say──> said {message} ──heard──> heard
 */
import type { ClientMessageInput } from '../wire.ts';
import type { CallFace } from './call-face.ts';
import type { Leg } from './leg.ts';

export type Word = Extract<ClientMessageInput, { type: 'call' | 'incomingCallResponse' }>;
export type Said = { kind: 'nothing' } | { kind: 'said'; message: Word } | { kind: 'heard' };

export function placing({ peerID: calleeID, media, requestID }: CallFace, callerID: string, leg: Leg): Word {
  const offer = { sdpOffer: leg.sdpOffer, legID: leg.id };
  return { type: 'call', callerID, calleeID, media, ...offer, ...(requestID !== undefined && { requestID }) };
}

export function accepting(call: CallFace, { sdpOffer, id: legID }: Leg): Word {
  return { type: 'incomingCallResponse', ...rung(call), callResponse: 'accepted', sdpOffer, legID };
}

export function refusing(call: CallFace): Word {
  return { type: 'incomingCallResponse', ...rung(call), callResponse: 'rejected' };
}

/** Before the server gave the callID, it knows by the socket which call is meant. */
export function named({ callID }: Pick<CallFace, 'callID'>): { callID?: string } {
  return callID === undefined ? {} : { callID };
}

const rung = (call: CallFace) => ({ callerID: call.peerID, ...named(call) });
