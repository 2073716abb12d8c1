/**
 * A call as one party sees it.
 *
 *   outgoing:  requesting-media → inviting → ringing → connecting → connected → ended
 *   incoming:  incoming → requesting-media → connecting → connected → ended
 *
 * Any of them may go straight to `ended`, and nothing leaves `ended`. After a resume the server says which one it is
 * (`callState`); a call that outlived a reload begins where it was.
 */
import type { DeviceReason, EndedBy, Phase, Reason } from '@switchboard/protocol';
import type { MediaErrorCode } from '../errors.ts';

export type Direction = 'outgoing' | 'incoming';
/** The part that this device plays, in the words of `endedBy`. */
export type Role = 'caller' | 'callee';
export type EndReason = Reason | DeviceReason | MediaErrorCode;

export type CallState =
  | { phase: 'requesting-media' }
  | { phase: 'inviting' }
  | { phase: 'ringing' }
  | { phase: 'incoming' }
  | { phase: 'connecting' }
  | { phase: 'connected'; since: number }
  | EndedState;

export interface EndedState {
  phase: 'ended';
  reason: EndReason;
  endedBy: EndedBy;
}

export const roleOf = (direction: Direction): Role => (direction === 'outgoing' ? 'caller' : 'callee');
export const directionOf = (role: Role): Direction => (role === 'caller' ? 'outgoing' : 'incoming');

/** How a call ends when this user puts the phone down: known at once, without asking the server. */
export function ownEnding(state: CallState, role: Role): EndedState {
  return { phase: 'ended', reason: ownReason(state, role), endedBy: role };
}

function ownReason(state: CallState, role: Role): EndReason {
  if (state.phase === 'connected' || state.phase === 'connecting') return 'completed';
  return role === 'caller' ? 'cancelled' : 'declined';
}

/** The server's word for where a call is; its end is told by another message. `connectedMs`: for how long it has been connected. */
export function stateIn(phase: Exclude<Phase, 'ended'>, now: number, connectedMs = 0): CallState {
  return phase === 'connected' ? { phase, since: now - connectedMs } : { phase };
}
