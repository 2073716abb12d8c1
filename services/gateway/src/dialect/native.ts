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
      return { type: 'loginResponse', content: 'accepted', sessionID: told.sessionID, ...told.welcome };
    case 'incoming': {
      const { callerID, callID, n, media } = told;
      return { type: 'incomingCall', callerID, callID, n, media };
    }
    case 'progress':
      return { type: 'callProgress', callID: told.callID, n: told.n, phase: told.phase };
    case 'answer':
      return answerFrame(told);
    case 'candidate': {
      const { candidate, callID, legID } = told;
      return { type: 'iceCandidate', candidate, callID, legID: legName(legID) };
    }
    case 'ended':
      return endFrame(told);
    default:
      return told satisfies never;
  }
}

function answerFrame({ role, sdpAnswer, callID, legID, n }: Extract<Told, { kind: 'answer' }>): ServerMessage {
  const rest = { sdpAnswer, callID, legID: legName(legID), n };
  return role === 'caller'
    ? { type: 'callResponse', callResponse: 'accepted', ...rest }
    : { type: 'startCommunication', ...rest };
}

function endFrame(told: Extract<Told, { kind: 'ended' }>): ServerMessage {
  const { role, answered, callID, n, reason, endedBy, phase } = told;
  const rest = { callID, n, reason, endedBy, phase };
  return role === 'caller' && !answered
    ? { type: 'callResponse', callResponse: seedRefusal(reason), ...rest }
    : { type: 'stopCommunication', ...rest };
}
