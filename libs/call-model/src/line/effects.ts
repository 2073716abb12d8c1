/** What others are told when something happened to a Line. */
import { offerRef, PUSH, type CallID, type Device, type DeviceEnding } from '@switchboard/protocol';
import { toCall, toDevice, toProcess, type Effect } from '../effect.ts';
import type { LineEvent } from './events.ts';
import type { Summons } from './state.ts';

type Event<Type extends LineEvent['type']> = Extract<LineEvent, { type: Type }>;

export function lineEffects(event: LineEvent): readonly Effect[] {
  const { userID } = event;
  switch (event.type) {
    case 'DeviceAttached':
      return attached(event);
    case 'DeviceDropped':
      return event.awayFrom ? [away(event, event.awayFrom, event.device)] : [];
    case 'DeviceDetached':
      return event.left ? [toCall({ type: 'PartyLeft', callID: event.left, userID })] : [];
    case 'CallPlaced':
      return [start(event)];
    case 'PlaceRefused':
      return [refused(event)];
    case 'PlaceRepeated':
      return [merged(event)];
    case 'CalledBack':
      return taken(event);
    case 'GlareLost':
      return [...taken(event), toCall({ type: 'Supersede', callID: event.placed, by: event.callID })];
    case 'LineRang':
      return rang(event);
    case 'DeviceRang':
      return [
        ...incoming(event, [event.device]),
        toCall({ type: 'CalleeAlerted', callID: event.callID, waiting: false }),
      ];
    case 'RingRefused':
      return [toCall({ type: 'CalleeRefused', callID: event.callID, reason: event.reason })];
    case 'LineAnswered':
      return answered(event);
    case 'AnswerMissed':
      return [
        ...elsewhere(event, event.n, 'answered_elsewhere'),
        toCall({ type: 'PartyLeft', callID: event.callID, userID }),
      ];
    case 'LineStopped':
      return [
        ...elsewhere(event, event.n, 'declined_elsewhere'),
        toCall({ type: 'PartyStopped', callID: event.callID, userID }),
      ];
    case 'LineReleased':
      return event.ringing.map((device) => ended(device, event.callID, event.n, event.ending));
    case 'LineChecked':
      return [toCall({ type: 'AskCall', callID: event.callID, userID })];
    case 'WatcherAdded':
      return [toProcess(event.gateway, { type: 'PresenceIs', userID, state: event.state })];
    case 'PresenceChanged':
      return event.watchers.map((gateway) => toProcess(gateway, { type: 'PresenceIs', userID, state: event.state }));
    case 'RingOver':
    case 'RingHeld':
    case 'HeldRingOver':
    case 'RequestForgotten':
    case 'PresenceSet':
    case 'WatcherRemoved':
      return [];
    default:
      return event satisfies never;
  }
}

/** The old socket goes before the new one is the session: both may be on one gateway. */
function attached({ device, socket, before, engagedIn, resumed, graceMs }: Event<'DeviceAttached'>): Effect[] {
  const { session, connection } = device;
  const call = engagedIn === undefined ? {} : { callID: engagedIn };
  const message = { type: 'Attached', session: socket, connection, as: session, resumed, graceMs, ...call } as const;
  return [...(before ? [toDevice(before, { type: 'TakenOver' })] : []), toProcess(device.gateway, message)];
}

function start(event: Event<'CallPlaced'>): Effect {
  const { userID, callID, calleeID, device, media, legID, requestID } = event;
  const command = { type: 'StartCall', callID, callerID: userID, calleeID, device, media, legID, requestID } as const;
  return toCall(command, [offerRef(legID)]);
}

function refused({ callID, device, reason }: Event<'PlaceRefused'>): Effect {
  const ending: DeviceEnding = { reason, endedBy: 'system', phase: 'inviting' };
  return toDevice(device, { type: 'Ended', callID, n: 1, role: 'caller', answered: false, ...ending });
}

/** Whatever overtook what, the Call knows then where its callee is. */
function answered(event: Event<'LineAnswered'>): Effect[] {
  const { userID, callID, moved: device } = event;
  return [
    ...elsewhere(event, event.n, 'answered_elsewhere'),
    ...(event.away ? [away(event, callID, event.away)] : []),
    ...(device ? [toCall({ type: 'PartyHere', callID, userID, device, fresh: false })] : []),
  ];
}

const merged = ({ device, callID, into, peer }: Event<'PlaceRepeated'>): Effect =>
  toDevice(device, { type: 'Merged', callID, into, peer });

/** The offer of the call that was placed answers the other one. */
function taken(event: Event<'CalledBack' | 'GlareLost'>): Effect[] {
  const { userID, placed, callID, callerID, device, legID } = event;
  return [
    toCall({ type: 'Accept', callID, userID, device, legID }, [offerRef(legID)]),
    toDevice(device, { type: 'Merged', callID: placed, into: callID, peer: callerID }),
  ];
}

function rang(event: Event<'LineRang'>): Effect[] {
  const { userID, callID, callerID, media, devices, waits, ringUntil: until } = event;
  const alerted = toCall({ type: 'CalleeAlerted', callID, waiting: devices.length === 0 });
  const wake = toProcess(PUSH, { type: 'call.wake', userID, callID, callerID, media, until });
  return [...incoming(event, devices), alerted, ...(waits && devices.length === 0 ? [wake] : [])];
}

function incoming({ callID, n, callerID, media }: Summons, devices: readonly Device[]): Effect[] {
  return devices.map((device) => toDevice(device, { type: 'Incoming', callID, n, callerID, media }));
}

const away = ({ userID }: LineEvent, callID: CallID, { session, connection }: Device): Effect =>
  toCall({ type: 'PartyAway', callID, userID, session, connection });

function elsewhere(
  { callID, others }: { callID: CallID; others: readonly Device[] },
  n: number,
  reason: 'answered_elsewhere' | 'declined_elsewhere',
): Effect[] {
  return others.map((device) => ended(device, callID, n, { reason, endedBy: 'callee', phase: 'ringing' }));
}

const ended = (device: Device, callID: CallID, n: number, ending: DeviceEnding): Effect =>
  toDevice(device, { type: 'Ended', callID, n, role: 'callee', answered: false, ...ending });
