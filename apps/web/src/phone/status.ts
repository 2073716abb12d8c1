/** One line that says what is going on: which message, and what to put into it. */
import type { Call, ConnectionState, EndedState, SwitchboardError } from '@switchboard/client';
import type { Line, Session } from './use-phone.ts';

/** The first of `keys` that the language has. */
export interface Status {
  keys: string[];
  values: Record<string, string>;
  /** For the colour of the lamp beside it. */
  tone: 'calm' | 'busy' | 'live' | 'trouble';
}

export function statusOf(session: Extract<Session, { kind: 'logged-in' }>, line: Line): Status {
  const { connection } = session;
  if (connection.status !== 'online') return connectionStatus(connection);
  if (line.kind === 'idle') return { keys: ['connection.online'], values: {}, tone: 'calm' };
  const { call, state } = line;
  if (state.phase === 'ended') return over(call, state, session.userID);
  const tone = state.phase === 'connected' ? 'live' : 'busy';
  return { keys: [`phase.${state.phase}`], values: { peer: call.peerID }, tone };
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
  const mine = call.direction === 'outgoing' ? 'caller' : 'callee';
  const who = endedBy === mine ? 'me' : endedBy === 'caller' || endedBy === 'callee' ? 'peer' : 'system';
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
  'answered_elsewhere',
  'declined_elsewhere',
]);
