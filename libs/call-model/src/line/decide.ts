/**
 * The rules of a Line: not online, busy, which devices ring, and what a device may stop. Messages of a socket that is not
 * the device's current connection are dropped, and so is what names another call than the Line's.
 */
import type { CallID, Device, LineCommand, SessionID } from '@switchboard/protocol';
import type { Policy } from '../policy.ts';
import type { LineEvent } from './events.ts';
import { evolveLine } from './evolve.ts';
import { callOfDevice, emptyLine, type LineState } from './state.ts';

type Command<Type extends LineCommand['type']> = Extract<LineCommand, { type: Type }>;
type Decision = readonly LineEvent[];

export function decideLine(state: LineState | undefined, command: LineCommand, now: number, policy: Policy): Decision {
  const line = state ?? emptyLine(command.userID);
  switch (command.type) {
    case 'AttachDevice':
      return attach(line, command);
    case 'CloseSocket':
      return current(line, command) ? [detached(line, command.session)] : [];
    case 'Place':
      return place(line, command, now + policy.checkMs);
    case 'Ring':
      return ring(line, command, now + policy.checkMs);
    case 'Answered':
      return answered(line, command);
    case 'Decline':
    case 'Stop':
      return stop(line, command);
    case 'Release':
      return release(line, command);
    case 'GatewayLost':
      return gatewayLost(line, command);
    case 'WakeLine':
      return check(line, now, policy);
    default:
      return command satisfies never;
  }
}

function attach(line: LineState, command: Command<'AttachDevice'>): Decision {
  const { userID, type: _, ...rest } = command;
  const before = line.devices.find(({ session }) => session === command.session);
  const device = { ...rest, connection: (before?.connection ?? 0) + 1 };
  const attached: LineEvent = { v: 1, type: 'DeviceAttached', userID, device };
  if (before || line.engaged?.kind !== 'ringing') return [attached];
  const { callID, n, callerID, media } = line.engaged;
  return [attached, { v: 1, type: 'DeviceRang', userID, callID, n, callerID, media, device }];
}

function place(line: LineState, command: Command<'Place'>, checkAt: number): Decision {
  const { userID, callID, calleeID, media, legID, requestID } = command;
  const device = current(line, command);
  if (!device) return [];
  const refuse = (reason: 'busy' | 'forbidden'): Decision => [
    { v: 1, type: 'PlaceRefused', userID, callID, device, reason },
  ];
  if (calleeID === userID) return refuse('forbidden');
  if (line.engaged) return line.engaged.callID === callID ? [] : refuse('busy');
  return [{ v: 1, type: 'CallPlaced', userID, callID, device, calleeID, media, legID, requestID, checkAt }];
}

function ring(line: LineState, command: Command<'Ring'>, checkAt: number): Decision {
  const { userID, callID, n, callerID, media } = command;
  const refuse = (reason: 'busy' | 'unreachable'): Decision => [{ v: 1, type: 'RingRefused', userID, callID, reason }];
  if (line.engaged) return line.engaged.callID === callID ? [] : refuse('busy');
  if (line.devices.length === 0) return refuse('unreachable');
  return [{ v: 1, type: 'LineRang', userID, callID, n, callerID, media, devices: line.devices, checkAt }];
}

function answered(line: LineState, { userID, callID, n, session }: Command<'Answered'>): Decision {
  if (line.engaged?.kind !== 'ringing' || line.engaged.callID !== callID) return [];
  const others = ringingBut(line, session);
  const present = line.devices.some((device) => device.session === session);
  return present
    ? [{ v: 1, type: 'LineAnswered', userID, callID, n, session, others }]
    : [{ v: 1, type: 'AnswerMissed', userID, callID, n, others }];
}

function stop(line: LineState, command: Command<'Decline'> | Command<'Stop'>): Decision {
  const { userID, callID, session } = command;
  if (!current(line, command) || line.engaged?.callID !== callID) return [];
  const engaged = line.engaged;
  const mine = engaged.kind === 'ringing' ? engaged.sessions.includes(session) : engaged.session === session;
  const n = engaged.kind === 'ringing' ? engaged.n + 1 : 0;
  return mine ? [{ v: 1, type: 'LineStopped', userID, callID, n, others: ringingBut(line, session) }] : [];
}

function release(line: LineState, command: Command<'Release'>): Decision {
  const { userID, callID, n, reason, endedBy, phase } = command;
  if (line.engaged?.callID !== callID) return [];
  const ending = { reason, endedBy, phase };
  return [{ v: 1, type: 'LineReleased', userID, callID, n, ending, ringing: ringingBut(line, undefined) }];
}

function gatewayLost(line: LineState, { gateway }: Command<'GatewayLost'>): Decision {
  const events: LineEvent[] = [];
  let after: LineState | undefined = line;
  for (const device of line.devices.filter((each) => each.gateway === gateway)) {
    const event = detached(after ?? line, device.session);
    events.push(event);
    after = evolveLine(after, event);
  }
  return events;
}

function check(line: LineState, now: number, policy: Policy): Decision {
  if (!line.engaged || line.engaged.checkAt > now) return [];
  return [
    { v: 1, type: 'LineChecked', userID: line.userID, callID: line.engaged.callID, checkAt: now + policy.checkMs },
  ];
}

const detached = (line: LineState, session: SessionID): LineEvent => ({
  v: 1,
  type: 'DeviceDetached',
  userID: line.userID,
  session,
  left: callOfDevice(line, session) satisfies CallID | undefined,
});

function current(line: LineState, speaker: { session: SessionID; connection: number }): Device | undefined {
  return line.devices.find(
    ({ session, connection }) => session === speaker.session && connection === speaker.connection,
  );
}

function ringingBut(line: LineState, but: SessionID | undefined): readonly Device[] {
  const engaged = line.engaged;
  if (engaged?.kind !== 'ringing') return [];
  return line.devices.filter(({ session }) => session !== but && engaged.sessions.includes(session));
}
