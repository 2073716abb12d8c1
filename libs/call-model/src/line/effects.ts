/** What others are told when something happened to a Line. */
import { offerRef, type CallID, type Device, type DeviceEnding } from '@switchboard/protocol';
import { toCall, toDevice, type Effect } from '../effect.ts';
import type { LineEvent } from './events.ts';
import type { Summons } from './state.ts';

export function lineEffects(event: LineEvent): readonly Effect[] {
  const { userID } = event;
  switch (event.type) {
    case 'DeviceAttached':
      return [toDevice(event.device, { type: 'Attached' })];
    case 'DeviceDetached':
      return event.left ? [toCall({ type: 'PartyLeft', callID: event.left, userID })] : [];
    case 'CallPlaced':
      return [start(event)];
    case 'PlaceRefused': {
      const ending: DeviceEnding = { reason: event.reason, endedBy: 'system', phase: 'inviting' };
      return [
        toDevice(event.device, {
          type: 'Ended',
          callID: event.callID,
          n: 1,
          role: 'caller',
          answered: false,
          ...ending,
        }),
      ];
    }
    case 'LineRang':
      return [...incoming(event, event.devices), toCall({ type: 'CalleeAlerted', callID: event.callID })];
    case 'DeviceRang':
      return incoming(event, [event.device]);
    case 'RingRefused':
      return [toCall({ type: 'CalleeRefused', callID: event.callID, reason: event.reason })];
    case 'LineAnswered':
      return elsewhere(event, event.n, 'answered_elsewhere');
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
    default:
      return event satisfies never;
  }
}

function start({
  userID,
  callID,
  calleeID,
  device,
  media,
  legID,
  requestID,
}: Extract<LineEvent, { type: 'CallPlaced' }>): Effect {
  const command = { type: 'StartCall', callID, callerID: userID, calleeID, device, media, legID, requestID } as const;
  return toCall(command, [offerRef(legID)]);
}

function incoming({ callID, n, callerID, media }: Summons, devices: readonly Device[]): Effect[] {
  return devices.map((device) => toDevice(device, { type: 'Incoming', callID, n, callerID, media }));
}

function elsewhere(
  { callID, others }: { callID: CallID; others: readonly Device[] },
  n: number,
  reason: 'answered_elsewhere' | 'declined_elsewhere',
): Effect[] {
  return others.map((device) => ended(device, callID, n, { reason, endedBy: 'callee', phase: 'ringing' }));
}

const ended = (device: Device, callID: CallID, n: number, ending: DeviceEnding): Effect =>
  toDevice(device, { type: 'Ended', callID, n, role: 'callee', answered: false, ...ending });
