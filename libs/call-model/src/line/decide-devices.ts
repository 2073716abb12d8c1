/** The rules of a Line's devices: a session is attached, loses its socket, comes back on another one, or is gone. */
import type { Device, SessionID } from '@switchboard/protocol';
import type { Command, Context, Decision } from './decide-common.ts';
import type { LineEvent } from './events.ts';
import { applyToLine } from './evolve.ts';
import { callOfDevice, callOfParty, concerns, isUp, type LineDevice, type LineState } from './state.ts';

/** A session that is not known (any more) cannot be resumed: the socket becomes a session of its own. */
export function attach(context: Context, command: Command<'AttachDevice'>): Decision {
  const { line } = context;
  const { socket, gateway, deviceID, capabilities, resume } = command;
  const before = line.devices.find(({ device }) => device.session === resume);
  const device: Device = {
    session: before?.device.session ?? socket,
    connection: (before?.device.connection ?? 0) + 1,
    gateway,
    capabilities,
    ...(deviceID === undefined ? {} : { deviceID }),
  };
  return attached(context, { device, socket, before });
}

/** What a gateway has and this Line has forgotten is known again. What the Line knows already, or knows better, stays as it is. */
export function deviceHere(context: Context, { socket, device }: Command<'DeviceHere'>): Decision {
  const before = context.line.devices.find((each) => each.device.session === device.session);
  if (before && before.device.connection >= device.connection) return [];
  return attached(context, { device, socket, before });
}

interface Newcomer {
  readonly device: Device;
  readonly socket: SessionID;
  readonly before: LineDevice | undefined;
}

function attached({ line, policy }: Context, { device, socket, before }: Newcomer): Decision {
  const { userID } = line;
  const attached: LineEvent = {
    ...{ v: 1, type: 'DeviceAttached', userID, device, socket },
    resumed: before !== undefined,
    before: before && isUp(before) ? before.device : undefined,
    engagedIn: before && callOfParty(line, before.device.session),
    graceMs: policy.graceMs,
  };
  if (line.engaged?.kind !== 'ringing') return [attached];
  const { callID, n, callerID, media } = line.engaged;
  return [attached, { v: 1, type: 'DeviceRang', userID, callID, n, callerID, media, device }];
}

/** A late close of a socket that the session has left changes nothing. */
export function closeSocket(context: Context, { socket, resumable }: Command<'CloseSocket'>): Decision {
  const lost = context.line.devices.find((each) => each.socket === socket);
  if (!lost || !isUp(lost)) return [];
  return [resumable ? dropped(context, lost) : detached(context, lost)];
}

/** A gateway died: its sessions have the grace time, its clients watch no more. */
export function gatewayLost(context: Context, { gateway }: Command<'GatewayLost'>): Decision {
  const { line } = context;
  const { userID } = line;
  const unwatched: LineEvent[] = line.watchers.includes(gateway)
    ? [{ v: 1, type: 'WatcherRemoved', userID, gateway }]
    : [];
  const lost = line.devices.filter((each) => isUp(each) && each.device.gateway === gateway);
  return [
    ...unwatched,
    ...oneByOne(context, lost, (now, each) => (canResume(each) ? dropped(now, each) : detached(now, each))),
  ];
}

/** Whoever did not come back in time is gone. */
export function expire(context: Context): Decision {
  const { line, now } = context;
  const gone = line.devices.filter(({ link }) => link.kind === 'down' && link.until <= now);
  return oneByOne(context, gone, detached);
}

/** Each follows from what the one before it left. */
function oneByOne(
  context: Context,
  devices: readonly LineDevice[],
  decide: (context: Context, device: LineDevice) => LineEvent,
): LineEvent[] {
  const events: LineEvent[] = [];
  let line: LineState = context.line;
  for (const device of devices) {
    const event = decide({ ...context, line }, device);
    events.push(event);
    line = applyToLine(line, event);
  }
  return events;
}

const canResume = ({ device }: LineDevice): boolean => device.capabilities.includes('native');

function dropped({ line, now, policy }: Context, { device }: LineDevice): LineEvent {
  const { engaged, userID } = line;
  const rings = engaged && engaged.kind !== 'callee' && concerns(engaged, device.session);
  const until = Math.max(now + policy.graceMs, (rings ? engaged.ringUntil : undefined) ?? 0);
  return { v: 1, type: 'DeviceDropped', userID, device, until, awayFrom: callOfParty(line, device.session) };
}

function detached({ line, now, policy }: Context, { device }: LineDevice): LineEvent {
  return {
    ...{ v: 1, type: 'DeviceDetached', userID: line.userID, session: device.session },
    ...{ left: callOfDevice(line, device.session), forgetAt: now + policy.tombstoneMs },
  };
}
