/**
 * A call as one party sees it.
 *
 *   outgoing:  requesting-media → inviting → ringing → connecting → connected → ended
 *   incoming:  incoming → requesting-media → connecting → connected → ended
 *
 * Any of them may go straight to `ended`, and nothing leaves `ended`.
 */
import type { DeviceReason, EndedBy, Reason } from '@switchboard/protocol';
import type { MediaErrorCode } from './errors.ts';

export type Direction = 'outgoing' | 'incoming';
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

/** The part that this device plays, in the words of `endedBy`. */
export function ownRole(direction: Direction): 'caller' | 'callee' {
  return direction === 'outgoing' ? 'caller' : 'callee';
}

/** How a call ends when this user puts the phone down: known at once, without asking the server. */
export function ownEnding(state: CallState, direction: Direction): EndedState {
  return { phase: 'ended', reason: ownReason(state, direction), endedBy: ownRole(direction) };
}

function ownReason(state: CallState, direction: Direction): EndReason {
  if (state.phase === 'connected' || state.phase === 'connecting') return 'completed';
  return direction === 'outgoing' ? 'cancelled' : 'declined';
}
