/** How a Line follows from its events. Never throws. */
import type { SessionID } from '@switchboard/protocol';
import type { LineEvent } from './events.ts';
import { emptyLine, type LineState } from './state.ts';

export function evolveLine(state: LineState | undefined, event: LineEvent): LineState | undefined {
  const line = apply(state ?? emptyLine(event.userID), event);
  return line.devices.length === 0 && !line.engaged ? undefined : line;
}

function apply(line: LineState, event: LineEvent): LineState {
  switch (event.type) {
    case 'DeviceAttached':
      return {
        ...line,
        devices: [...line.devices.filter(({ session }) => session !== event.device.session), event.device],
      };
    case 'DeviceDetached':
      return detach(line, event.session, event.left !== undefined);
    case 'CallPlaced':
      return {
        ...line,
        engaged: { kind: 'caller', callID: event.callID, session: event.device.session, checkAt: event.checkAt },
      };
    case 'LineRang': {
      const { callID, n, callerID, media, checkAt } = event;
      const sessions = event.devices.map(({ session }) => session);
      return { ...line, engaged: { kind: 'ringing', callID, n, callerID, media, sessions, checkAt } };
    }
    case 'DeviceRang':
      return line.engaged?.kind === 'ringing' ? ringAlso(line, line.engaged, event.device.session) : line;
    case 'LineAnswered': {
      const checkAt = line.engaged?.checkAt ?? 0;
      return { ...line, engaged: { kind: 'callee', callID: event.callID, session: event.session, checkAt } };
    }
    case 'AnswerMissed':
    case 'LineStopped':
    case 'LineReleased':
      return { ...line, engaged: undefined };
    case 'LineChecked':
      return line.engaged ? { ...line, engaged: { ...line.engaged, checkAt: event.checkAt } } : line;
    case 'PlaceRefused':
    case 'RingRefused':
      return line;
    default:
      return event satisfies never;
  }
}

function ringAlso(
  line: LineState,
  engaged: Extract<LineState['engaged'], { kind: 'ringing' }>,
  also: SessionID,
): LineState {
  return {
    ...line,
    engaged: { ...engaged, sessions: [...engaged.sessions.filter((session) => session !== also), also] },
  };
}

function detach(line: LineState, gone: SessionID, freed: boolean): LineState {
  const devices = line.devices.filter(({ session }) => session !== gone);
  if (freed || !line.engaged) return { ...line, devices, engaged: undefined };
  if (line.engaged.kind !== 'ringing') return { ...line, devices };
  const sessions = line.engaged.sessions.filter((session) => session !== gone);
  return { ...line, devices, engaged: { ...line.engaged, sessions } };
}
