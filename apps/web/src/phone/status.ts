/** One line that says what is going on: which message, and what to put into it. */
import type { Call, ConnectionState, EndedState, SwitchboardError } from '@switchboard/client';
import { isLive, type Line, type ShownLine } from './line.ts';
import type { Session } from './use-phone.ts';

/** The first of `keys` that the language has. */
export interface Status {
  keys: string[];
  values: Record<string, string>;
  /** For the colour of the lamp beside it. */
  tone: 'calm' | 'busy' | 'live' | 'trouble';
}

export function statusOf(session: Extract<Session, { kind: 'logged-in' }>, line: Line, away = false): Status {
  const { connection, userID } = session;
  if (connection.status !== 'online') return isLive(line) ? reconnecting('self', line) : connectionStatus(connection);
  if (line.kind === 'idle') return { keys: [away ? 'connection.away' : 'connection.online'], values: {}, tone: 'calm' };
  return statusOfCall(line, userID);
}

function statusOfCall(line: ShownLine, userID: string): Status {
  const { call, state, peerState } = line;
  if (state.phase === 'ended') return over(call, state, userID);
  if (peerState === 'reconnecting') return reconnecting('peer', line);
  const tone = state.phase === 'connected' ? 'live' : 'busy';
  const audio = call.media === 'audio' && state.phase === 'incoming' ? ['phase.incomingAudio'] : [];
  return { keys: [...audio, `phase.${state.phase}`], values: { peer: call.peerID }, tone };
}

/** The talk goes on; before there is one, what was begun goes on once the line is back. */
function reconnecting(who: 'self' | 'peer', { call, state }: ShownLine): Status {
  const key = who === 'self' && state.phase !== 'connected' ? 'selfBefore' : who;
  return { keys: [`reconnecting.${key}`], values: { peer: call.peerID }, tone: 'busy' };
}

export function errorKeys(error: SwitchboardError): Pick<Status, 'keys' | 'values'> {
  return { keys: [`error.${error.code}`, 'error.any'], values: { detail: error.message || error.code } };
}

export function connectionStatus(connection: ConnectionState): Status {
  const gateway = 'gateway' in connection ? new URL(connection.gateway).host : '';
  const tone = connection.status === 'waiting' ? 'trouble' : 'busy';
  return { keys: [`connection.${connection.status}`], values: { gateway }, tone };
}

function over(call: Call, { reason, endedBy }: EndedState, userID: string): Status {
  const values = { peer: call.peerID };
  if (reason === 'forbidden' && call.peerID === userID) return { keys: ['self'], values, tone: 'calm' };
  const who = endedBy === call.role ? 'me' : endedBy === 'caller' || endedBy === 'callee' ? 'peer' : 'system';
  const keys = [who, call.direction, 'any'].map((variant) => `ended.${reason}.${variant}`);
  return { keys, values, tone: CALM.has(reason) ? 'calm' : 'trouble' };
}

const CALM: ReadonlySet<string> = new Set([
  'completed',
  'cancelled',
  'declined',
  'busy',
  'no_answer',
  'unreachable',
  'superseded',
  'answered_elsewhere',
  'declined_elsewhere',
]);
