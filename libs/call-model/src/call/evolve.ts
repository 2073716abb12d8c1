/** How a Call follows from its events. Never throws: an event that does not fit leaves the state as it is. */
import type { Role } from '@switchboard/protocol';
import type { CallEvent, Remark } from './events.ts';
import { isTalking, peerOf, placementOf, type CallState, type LiveCall, type Party } from './state.ts';

type Event<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;
type LiveEvent = Exclude<CallEvent, Remark | { type: 'CallStarted' | 'CallForgotten' | 'AttemptReleased' }>;

const MOST_LISTENERS = 16;

export function evolveCall(call: CallState | undefined, event: CallEvent): CallState | undefined {
  if (event.type === 'CallStarted') return started(event);
  if (!call || event.type === 'CallForgotten') return undefined;
  if (isRemark(event)) return call;
  const { n } = event;
  if (event.type === 'AttemptReleased') {
    const attempts = call.attempts.filter((each) => each.attempt !== event.attempt || each.workerID !== event.workerID);
    return { ...call, n, attempts };
  }
  return call.phase === 'ended' ? call : live({ ...call, n }, event);
}

function isRemark(event: CallEvent): event is Remark {
  const { type } = event;
  return type === 'DeviceRefused' || type === 'DeviceMerged' || type === 'StrayAttempt' || type === 'LineTold';
}

function started({ callID, n, caller, calleeID, media: mediaKind, until }: Event<'CallStarted'>): CallState {
  const media = { kind: 'none' } as const;
  const start = { kind: 'call', phase: 'inviting', summoned: 'asked', listeners: [] } as const;
  return { ...start, callID, n, caller, calleeID, mediaKind, media, attempts: [], until };
}

function live(call: LiveCall, event: LiveEvent): CallState {
  switch (event.type) {
    case 'CalleeTookCall':
      return isTalking(call) ? call : { ...call, summoned: event.waiting ? 'waiting' : 'alerted' };
    case 'MediaWanted':
      return mediaWanted(call, event);
    case 'AttemptPlaced': {
      const placed = { attempt: event.attempt, workerID: event.workerID };
      return { ...call, media: { ...call.media, kind: 'placed', ...placed }, attempts: [...call.attempts, placed] };
    }
    case 'CallRinging':
      return isTalking(call) ? call : { ...call, phase: 'ringing', summoned: 'alerted' };
    case 'CallAccepted':
      return accepted(call, event);
    case 'LegAnswered':
      return withParty(call, event.role, { leg: event.deliver ? 'delivered' : 'answered' });
    case 'LegConnected':
      return settled(withParty(call, event.role, { leg: 'connected' }));
    case 'CallConnected':
      return isTalking(call) ? { ...call, phase: 'connected', until: event.until, since: event.at } : call;
    case 'PartyAway':
      return dueBy(event.until, withParty(call, event.role, { link: 'away', device: event.device }));
    case 'PartyMoved':
      return dueBy(event.until, withParty(call, event.role, { link: 'here', device: event.device, asked: true }));
    case 'ListenerHere':
      return isTalking(call) ? call : { ...call, listeners: [...call.listeners, event.device].slice(-MOST_LISTENERS) };
    case 'LegVoided':
      return withParty(call, event.role, { leg: 'void' });
    case 'LegReplaced':
      return replaced(call, event);
    case 'MediaShown':
      return withParty(call, event.role, { shown: event.shown });
    case 'CallEnded': {
      const { kind, callID, n, attempts } = call;
      const { ending, winner, forgetAt } = event;
      const users = [call.caller.userID, call.calleeID];
      return { kind, phase: 'ended', callID, n, users, attempts, ending, winner, forgetAt };
    }
    default:
      return event satisfies never;
  }
}

function mediaWanted(call: LiveCall, { attempt, exclude: passed, lost, until }: Event<'MediaWanted'>): LiveCall {
  return dueBy(until, { ...call, media: { kind: 'wanted', attempt, passed, lost } });
}

/** When media is to be there, if that is new. */
function dueBy(until: number | undefined, call: LiveCall): LiveCall {
  if (until === undefined || !isTalking(call)) return call;
  return call.phase === 'connecting' ? { ...call, until } : { ...call, rebuildUntil: until };
}

/** Once both legs are connected the search for their worker is over. */
function settled(call: LiveCall): LiveCall {
  const placed = placementOf(call);
  if (!placed || !isTalking(call) || call.caller.leg !== 'connected' || call.callee.leg !== 'connected') return call;
  const media = { kind: 'placed', ...placed } as const;
  return call.phase === 'connecting' ? { ...call, media } : { ...call, media, rebuildUntil: undefined };
}

function accepted(call: LiveCall, event: Event<'CallAccepted'>): CallState {
  const { kind, callID, n, calleeID, mediaKind, media, attempts } = call;
  const leg = call.caller.leg === 'answered' ? 'delivered' : call.caller.leg;
  const parties = { caller: { ...call.caller, leg }, callee: event.callee } as const;
  return { kind, phase: 'connecting', callID, n, ...parties, calleeID, mediaKind, media, attempts, until: event.until };
}

function replaced(call: LiveCall, { role, legID, device }: Event<'LegReplaced'>): LiveCall {
  const offers = (role === 'caller' ? call.caller : peerOf(call, 'caller'))?.offers ?? 0;
  return withParty(call, role, { leg: 'offered', legID, device, offers: offers + 1 });
}

function withParty(call: LiveCall, role: Role, change: Partial<Party>): LiveCall {
  if (role === 'caller') return { ...call, caller: { ...call.caller, ...change } };
  return isTalking(call) ? { ...call, callee: { ...call.callee, ...change } } : call;
}
