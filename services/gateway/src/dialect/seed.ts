/**
 * The frames of a seed client. Invariant: no message, field or value that the seed's code does not know (protocol.md,
 * "What a seed client gets, case by case").
 */
import { seedRefusal, type ServerMessage } from '@switchboard/protocol';
import { refusalText, type Fault, type SdpAnswer, type Told } from './told.ts';

const stopCommunication: ServerMessage = { type: 'stopCommunication' };
/** The seed's page goes on after `exception`; it ends on `stopCommunication` only. */
const callFailed: readonly ServerMessage[] = [{ type: 'callResponse', callResponse: 'exception' }, stopCommunication];

export function seed(told: Told): readonly ServerMessage[] {
  switch (told.kind) {
    case 'fault':
      return faultFrames(told);
    case 'loggedIn':
    case 'progress':
    case 'state':
    case 'renegotiate':
    case 'peerState':
    case 'peerMedia':
    case 'presence':
    case 'reconnect':
    case 'pong':
      return [];
    case 'incoming':
      return [{ type: 'incomingCall', callerID: told.callerID }];
    case 'answer':
      return answerFrames(told);
    case 'candidate':
      return [{ type: 'iceCandidate', candidate: told.candidate }];
    case 'ended':
      return endFrames(told);
    default:
      return told satisfies never;
  }
}

/** The seed's page makes one offer for each call. */
function answerFrames({ role, renegotiated, sdpAnswer }: SdpAnswer): readonly ServerMessage[] {
  if (renegotiated) return [];
  return role === 'caller'
    ? [{ type: 'callResponse', callResponse: 'accepted', sdpAnswer }]
    : [{ type: 'startCommunication', sdpAnswer }];
}

function endFrames({ role, answered, reason }: Extract<Told, { kind: 'ended' }>): readonly ServerMessage[] {
  if (role === 'callee' || answered) return [stopCommunication];
  const callResponse = seedRefusal(reason);
  return callResponse === 'exception' ? callFailed : [{ type: 'callResponse', callResponse }];
}

function faultFrames(fault: Fault): readonly ServerMessage[] {
  if (fault.re === 'login') return [{ type: 'loginResponse', content: 'rejected', error: refusalText(fault) }];
  if (fault.re !== 'call') return [];
  // A good call that could not be placed is a setup that failed; a bad one has not begun.
  return fault.code === 'service_unavailable' ? callFailed : [{ type: 'callResponse', callResponse: 'exception' }];
}
