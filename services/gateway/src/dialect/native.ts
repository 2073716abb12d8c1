/** The frames of a native client: the seed's, with callID, version, leg and reason, and those that only it knows. */
import { legName, seedRefusal, type ServerMessage } from '@switchboard/protocol';
import type { Told } from './told.ts';

export function native(told: Told): readonly ServerMessage[] {
  return [frameOf(told)];
}

function frameOf(told: Told): ServerMessage {
  switch (told.kind) {
    case 'fault': {
      const { code, message, re } = told;
      return { type: 'error', code, message, ...(re === undefined ? {} : { re }) };
    }
    case 'loggedIn':
      return welcomeFrame(told);
    case 'incoming': {
      const { callerID, callID, n, media } = told;
      return { type: 'incomingCall', callerID, callID, n, media };
    }
    case 'progress':
      return { type: 'callProgress', callID: told.callID, n: told.n, phase: told.phase };
    case 'state':
      return stateFrame(told);
    case 'answer':
      return answerFrame(told);
    case 'candidate': {
      const { candidate, callID, legID } = told;
      return { type: 'iceCandidate', candidate, callID, legID: legName(legID) };
    }
    case 'renegotiate':
      return { type: 'renegotiate', callID: told.callID, n: told.n, cause: told.cause };
    case 'peerState':
      return { type: 'peerState', callID: told.callID, n: told.n, state: told.state };
    case 'peerMedia':
      return { type: 'mediaState', callID: told.callID, n: told.n, ...told.shown };
    case 'presence':
      return { type: 'presenceChanged', userID: told.userID, state: told.state };
    case 'reconnect':
      return { type: 'reconnect', afterMs: told.afterMs };
    case 'pong':
      return { type: 'pong' };
    case 'ended':
      return endFrame(told);
    default:
      return told satisfies never;
  }
}

type As<Kind extends Told['kind']> = Extract<Told, { kind: Kind }>;

function welcomeFrame({ sessionID, graceMs, callID, welcome }: As<'loggedIn'>): ServerMessage {
  const alive = callID === undefined ? {} : { callID };
  return { type: 'loginResponse', content: 'accepted', sessionID, ...alive, graceMs, ...welcome };
}

function stateFrame({ callID, n, phase, role, peer, media, ...told }: As<'state'>): ServerMessage {
  const { legID, sdpAnswer, peerAway, peerShown: peerMedia, ownShown: ownMedia, connectedMs } = told;
  return {
    ...{ type: 'callState', callID, n, phase, role, peer, media, peerMedia },
    peerState: peerAway ? 'reconnecting' : 'connected',
    ...(ownMedia === undefined ? {} : { ownMedia }),
    ...(connectedMs === undefined ? {} : { connectedMs }),
    ...(legID === undefined ? {} : { legID: legName(legID) }),
    ...(sdpAnswer === undefined ? {} : { sdpAnswer }),
  };
}

function answerFrame({ role, sdpAnswer, callID, legID, n, renegotiated }: As<'answer'>): ServerMessage {
  const rest = { sdpAnswer, callID, legID: legName(legID), n };
  if (renegotiated) return { type: 'renegotiated', ...rest };
  return role === 'caller'
    ? { type: 'callResponse', callResponse: 'accepted', ...rest }
    : { type: 'startCommunication', ...rest };
}

function endFrame(told: As<'ended'>): ServerMessage {
  const { role, answered, callID, n, reason, endedBy, phase } = told;
  const rest = { callID, n, reason, endedBy, phase };
  return role === 'caller' && !answered
    ? { type: 'callResponse', callResponse: seedRefusal(reason), ...rest }
    : { type: 'stopCommunication', ...rest };
}
