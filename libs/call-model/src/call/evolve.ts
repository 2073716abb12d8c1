/** How a Call follows from its events. Never throws: an event that does not fit leaves the state as it is. */
import type { CallEvent } from './events.ts';
import { isTalking, type CallState, type LegStage, type LiveCall } from './state.ts';

type Event<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;

export function evolveCall(call: CallState | undefined, event: CallEvent): CallState | undefined {
  if (event.type === 'CallStarted') return started(event);
  if (!call || event.type === 'CallForgotten') return undefined;
  if (event.type === 'AcceptRefused' || event.type === 'StrayAttempt' || event.type === 'LineTold') return call;
  const { n } = event;
  if (event.type === 'AttemptReleased') {
    const attempts = call.attempts.filter((each) => each.attempt !== event.attempt || each.workerID !== event.workerID);
    return { ...call, n, attempts };
  }
  return call.phase === 'ended' ? call : live({ ...call, n }, event);
}

function started(event: Event<'CallStarted'>): CallState {
  const { callID, n, caller, calleeID, media: mediaKind, until } = event;
  const media = { kind: 'none' } as const;
  return {
    kind: 'call',
    phase: 'inviting',
    callID,
    n,
    caller,
    calleeID,
    mediaKind,
    media,
    attempts: [],
    alerted: false,
    until,
  };
}

type LiveEvent = Exclude<
  CallEvent,
  { type: 'CallStarted' | 'CallForgotten' | 'AcceptRefused' | 'StrayAttempt' | 'LineTold' | 'AttemptReleased' }
>;

function live(call: LiveCall, event: LiveEvent): CallState {
  switch (event.type) {
    case 'CalleeTookCall':
      return isTalking(call) ? call : { ...call, alerted: true };
    case 'MediaWanted':
      return { ...call, media: { kind: 'wanted', attempt: event.attempt } };
    case 'AttemptPlaced': {
      const placed = { attempt: event.attempt, workerID: event.workerID };
      return { ...call, media: { kind: 'placed', ...placed }, attempts: [...call.attempts, placed] };
    }
    case 'CallRinging':
      return isTalking(call) ? call : { ...call, phase: 'ringing', alerted: true };
    case 'CallAccepted':
      return accepted(call, event);
    case 'LegAnswered':
      return withLeg(call, event.role, event.deliver ? 'delivered' : 'answered');
    case 'LegConnected':
      return withLeg(call, event.role, 'connected');
    case 'CallConnected':
      return isTalking(call) ? { ...call, phase: 'connected', until: event.until } : call;
    case 'CallEnded': {
      const { kind, callID, n, attempts } = call;
      return { kind, phase: 'ended', callID, n, attempts, ending: event.ending, forgetAt: event.forgetAt };
    }
    default:
      return event satisfies never;
  }
}

function accepted(call: LiveCall, event: Event<'CallAccepted'>): CallState {
  const { kind, callID, n, calleeID, mediaKind, media, attempts } = call;
  const leg = call.caller.leg === 'answered' ? 'delivered' : call.caller.leg;
  const caller = { ...call.caller, leg };
  return {
    kind,
    phase: 'connecting',
    callID,
    n,
    caller,
    callee: event.callee,
    calleeID,
    mediaKind,
    media,
    attempts,
    until: event.until,
  };
}

function withLeg(call: LiveCall, role: 'caller' | 'callee', leg: LegStage): LiveCall {
  if (role === 'caller') return { ...call, caller: { ...call.caller, leg } };
  return isTalking(call) ? { ...call, callee: { ...call.callee, leg } } : call;
}
