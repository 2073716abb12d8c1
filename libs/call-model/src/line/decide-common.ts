/** What every rule of a Line needs: who speaks, and which devices ring. */
import type { Device, LineCommand, SessionID } from '@switchboard/protocol';
import type { Policy } from '../policy.ts';
import type { LineEvent } from './events.ts';
import { isUp, type LineDevice, type LineState } from './state.ts';

export type Command<Type extends LineCommand['type']> = Extract<LineCommand, { type: Type }>;
export type Decision = readonly LineEvent[];
export interface Context {
  readonly line: LineState;
  readonly now: number;
  readonly policy: Policy;
}

/** The device that speaks; undefined if that is not its current connection. */
export function speakerOf(
  { devices }: LineState,
  { session, connection }: { session: SessionID; connection: number },
): LineDevice | undefined {
  return devices.find(({ device }) => device.session === session && device.connection === connection);
}

/** The devices that ring and can be told so. */
export function ringingBut({ devices, engaged }: LineState, but: SessionID | undefined): readonly Device[] {
  if (engaged?.kind !== 'ringing') return [];
  return devices
    .filter((each) => isUp(each) && each.device.session !== but && engaged.sessions.includes(each.device.session))
    .map(({ device }) => device);
}
