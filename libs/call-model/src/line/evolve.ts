/** How a Line follows from its events. Never throws. */
import type { CallID, SessionID } from '@switchboard/protocol';
import type { LineEvent } from './events.ts';
import {
  emptyLine,
  type Engagement,
  type HeldRing,
  type LineDevice,
  type LineState,
  type Request,
  type RingingEngagement,
} from './state.ts';

type Event<Type extends LineEvent['type']> = Extract<LineEvent, { type: Type }>;

const MOST_REQUESTS = 16;
const MOST_ALIASES = 16;

export function evolveLine(state: LineState | undefined, event: LineEvent): LineState | undefined {
  const line = applyToLine(state ?? emptyLine(event.userID), event);
  const kept = line.devices.length + line.requests.length + line.watchers.length > 0 || line.engaged !== undefined;
  return kept ? line : undefined;
}

/** The same for a Line that is looked at: it may be empty. */
export function applyToLine(line: LineState, event: LineEvent): LineState {
  switch (event.type) {
    case 'DeviceAttached':
      return attached(line, event);
    case 'DeviceDropped':
      return withDevice(line, event.device.session, (each) => ({
        ...each,
        link: { kind: 'down', until: event.until },
      }));
    case 'DeviceDetached':
      return detached(line, event);
    case 'CallPlaced':
      return placed(line, event);
    case 'PlaceRepeated':
      return line.engaged?.callID === event.into ? withAlias(line, line.engaged, event.callID) : line;
    case 'CalledBack':
      return line.engaged ? calledBack(line, line.engaged, event) : line;
    case 'GlareLost':
      return glareLost(line, event);
    case 'RingHeld': {
      const { callID, n, callerID, media, ringUntil } = event;
      return withHeld(line, { callID, n, callerID, media, ringUntil });
    }
    case 'HeldRingOver':
      return withHeld(line, undefined);
    case 'LineRang':
      return rang(line, event);
    case 'DeviceRang':
      return line.engaged?.kind === 'ringing' ? ringAlso(line, line.engaged, event.device.session) : line;
    case 'LineAnswered':
      return line.engaged ? answered(line, line.engaged, event.session) : line;
    case 'RingOver':
      return line.engaged?.kind === 'caller' ? { ...line, engaged: { ...line.engaged, ringUntil: undefined } } : line;
    case 'AnswerMissed':
      return { ...line, engaged: undefined };
    case 'LineStopped':
    case 'LineReleased':
      return free(line, event.forgetAt);
    case 'LineChecked':
      return line.engaged ? { ...line, engaged: { ...line.engaged, checkAt: event.checkAt } } : line;
    case 'RequestForgotten':
      return { ...line, requests: line.requests.filter(({ requestID }) => requestID !== event.requestID) };
    case 'PresenceSet':
      return withDevice(line, event.session, (each) => ({ ...each, says: event.says }));
    case 'WatcherAdded':
      return { ...line, watchers: [...line.watchers.filter((each) => each !== event.gateway), event.gateway] };
    case 'WatcherRemoved':
      return { ...line, watchers: line.watchers.filter((each) => each !== event.gateway) };
    case 'PlaceRefused':
    case 'RingRefused':
    case 'PresenceChanged':
      return line;
    default:
      return event satisfies never;
  }
}

function attached(line: LineState, { device, socket }: Event<'DeviceAttached'>): LineState {
  const before = line.devices.find((each) => each.device.session === device.session);
  const now: LineDevice = { device, socket, link: { kind: 'up' }, says: before?.says ?? 'online' };
  return { ...line, devices: [...line.devices.filter((each) => each !== before), now] };
}

function placed(line: LineState, event: Event<'CallPlaced'>): LineState {
  const { callID, calleeID, device, legID, requestID, ringUntil, checkAt } = event;
  const asked = requestID === undefined ? undefined : { requestID, peer: calleeID };
  const { session } = device;
  const who = { callID, calleeID, session, legID, asked, aliases: [] };
  return { ...line, engaged: { kind: 'caller', ...who, ringUntil, held: undefined, checkAt } };
}

function withHeld(line: LineState, held: HeldRing | undefined): LineState {
  return line.engaged?.kind === 'caller' ? { ...line, engaged: { ...line.engaged, held } } : line;
}

function rang(line: LineState, event: Event<'LineRang'>): LineState {
  const { callID, n, callerID, media, sessions, ringUntil, waits, checkAt } = event;
  const summons = { callID, n, callerID, media, sessions, ringUntil, waits };
  return { ...line, engaged: { kind: 'ringing', ...summons, asked: undefined, aliases: [], checkAt } };
}

function withAlias(line: LineState, engaged: Engagement, alias: CallID): LineState {
  return { ...line, engaged: { ...engaged, aliases: [...engaged.aliases, alias].slice(-MOST_ALIASES) } };
}

function calledBack(
  line: LineState,
  engaged: Engagement,
  { placed: alias, requestID, callerID }: Event<'CalledBack'>,
): LineState {
  const asked = requestID === undefined ? engaged.asked : { requestID, peer: callerID };
  return withAlias(line, { ...engaged, asked }, alias);
}

function glareLost(line: LineState, { placed: alias, callID, device, checkAt }: Event<'GlareLost'>): LineState {
  const asked = line.engaged?.asked;
  return { ...line, engaged: { kind: 'callee', callID, session: device.session, asked, aliases: [alias], checkAt } };
}

function answered(line: LineState, { callID, asked, aliases, checkAt }: Engagement, session: SessionID): LineState {
  return { ...line, engaged: { kind: 'callee', callID, session, asked, aliases, checkAt } };
}

/** The Line is free; what was asked for is remembered for a while. */
function free(line: LineState, forgetAt: number): LineState {
  const asked = line.engaged?.asked;
  if (!asked || !line.engaged) return { ...line, engaged: undefined };
  const request: Request = { ...asked, callID: line.engaged.callID, until: forgetAt };
  return { ...line, engaged: undefined, requests: [...line.requests, request].slice(-MOST_REQUESTS) };
}

function withDevice(line: LineState, session: SessionID, change: (device: LineDevice) => LineDevice): LineState {
  return { ...line, devices: line.devices.map((each) => (each.device.session === session ? change(each) : each)) };
}

function ringAlso(line: LineState, engaged: RingingEngagement, also: SessionID): LineState {
  return {
    ...line,
    engaged: { ...engaged, sessions: [...engaged.sessions.filter((session) => session !== also), also] },
  };
}

function detached(line: LineState, { session: gone, left, forgetAt }: Event<'DeviceDetached'>): LineState {
  const rest = { ...line, devices: line.devices.filter(({ device }) => device.session !== gone) };
  if (left !== undefined) return free(rest, forgetAt);
  if (rest.engaged?.kind !== 'ringing') return rest;
  const sessions = rest.engaged.sessions.filter((session) => session !== gone);
  return { ...rest, engaged: { ...rest.engaged, sessions } };
}
