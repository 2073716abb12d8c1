/**
 * The rules of a Line, one function for each command. What comes from a socket that is not its device's current connection is
 * dropped, and so is what names another call than the Line's. Whoever watches is told when others see this user otherwise.
 */
import type { LineCommand } from '@switchboard/protocol';
import type { Policy } from '../policy.ts';
import { answered, check, place, release, ring, ringHeld, stop } from './decide-calls.ts';
import { speakerOf, type Command, type Context, type Decision } from './decide-common.ts';
import { attach, closeSocket, deviceHere, expire, gatewayLost } from './decide-devices.ts';
import type { LineEvent } from './events.ts';
import { applyToLine } from './evolve.ts';
import { emptyLine, presenceOf, type LineState } from './state.ts';

/** More gateways than a cluster has. */
const MOST_WATCHERS = 1024;

export function decideLine(state: LineState | undefined, command: LineCommand, now: number, policy: Policy): Decision {
  const context: Context = { line: state ?? emptyLine(command.userID), now, policy };
  const done = decide(context, command);
  const events = [...done, ...ringHeld({ ...context, line: fold(context.line, done) }, context.line)];
  return [...events, ...shown(context.line, fold(context.line, events))];
}

function decide(context: Context, command: LineCommand): Decision {
  switch (command.type) {
    case 'AttachDevice':
      return attach(context, command);
    case 'DeviceHere':
      return deviceHere(context, command);
    case 'CloseSocket':
      return closeSocket(context, command);
    case 'Place':
      return place(context, command);
    case 'Ring':
      return ring(context, command);
    case 'Answered':
      return answered(context, command);
    case 'Decline':
    case 'Stop':
      return stop(context, command);
    case 'Release':
      return release(context, command);
    case 'SetPresence':
      return setPresence(context, command);
    case 'Watch':
      return watch(context, command);
    case 'Unwatch':
      return unwatch(context, command);
    case 'GatewayLost':
      return gatewayLost(context, command);
    case 'WakeLine':
      return wake(context);
    default:
      return command satisfies never;
  }
}

function wake(context: Context): Decision {
  const gone = expire(context);
  return [...gone, ...check({ ...context, line: fold(context.line, gone) })];
}

function setPresence({ line }: Context, command: Command<'SetPresence'>): Decision {
  const { userID, session, state: says } = command;
  const device = speakerOf(line, command);
  return device && device.says !== says ? [{ v: 1, type: 'PresenceSet', userID, session, says }] : [];
}

function watch({ line }: Context, { userID, gateway }: Command<'Watch'>): Decision {
  if (line.watchers.length >= MOST_WATCHERS && !line.watchers.includes(gateway)) return [];
  return [{ v: 1, type: 'WatcherAdded', userID, gateway, state: presenceOf(line) }];
}

function unwatch({ line }: Context, { userID, gateway }: Command<'Unwatch'>): Decision {
  return line.watchers.includes(gateway) ? [{ v: 1, type: 'WatcherRemoved', userID, gateway }] : [];
}

function shown(before: LineState, after: LineState): Decision {
  const { userID, watchers } = after;
  const state = presenceOf(after);
  if (watchers.length === 0 || state === presenceOf(before)) return [];
  return [{ v: 1, type: 'PresenceChanged', userID, state, watchers }];
}

function fold(line: LineState, events: readonly LineEvent[]): LineState {
  return events.reduce(applyToLine, line);
}
