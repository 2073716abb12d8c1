/** A store that lost its last writes: gateways say which devices they have, and each Line takes what it has forgotten. */
import type { CallID, Device, GatewayID, LineCommand, SessionID, UserID } from '@switchboard/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { createModel, DEFAULT_POLICY, type LineState, type State } from '../src/index.ts';

const userID = 'ben' as UserID;
const callID = '1-0190a000-0000-7000-8000-000000000001' as CallID;
const model = createModel({ partitions: 4, policy: DEFAULT_POLICY });
const device = (connection: number, gateway = 'g1'): Device => ({
  ...{ session: 's1' as SessionID, connection, gateway: gateway as GatewayID, capabilities: ['native'] },
});

let line: LineState | undefined;
beforeEach(() => (line = undefined));

/** Applies it; what is said to whom. */
function say(command: LineCommand): string[] {
  const events = model.decide(line, command, 1000);
  for (const event of events) line = model.evolve(line, event) as (LineState & State) | undefined;
  return events.flatMap(model.effects).map((effect) => {
    const message = effect.to === 'process' ? effect.message : effect.to === 'shell' ? effect.question : effect.command;
    return `${effect.to === 'process' ? effect.id : effect.to} ${message.type}`;
  });
}

const here = (connection: number, socket: string, gateway?: string) =>
  say({ type: 'DeviceHere', userID, socket: socket as SessionID, device: device(connection, gateway) });
const attach = (socket: string, resume?: string) =>
  say({
    ...{
      type: 'AttachDevice',
      userID,
      socket: socket as SessionID,
      gateway: 'g1' as GatewayID,
      capabilities: ['native'],
    },
    ...(resume === undefined ? {} : { resume: resume as SessionID }),
  });

describe('a device that its gateway has', () => {
  it('and its Line has forgotten is known again, by the connection that it has', () => {
    expect(here(3, 's9')).toEqual(['g1 Attached']);
    expect(line?.devices).toMatchObject([{ device: device(3), socket: 's9', link: { kind: 'up' } }]);
  });

  it('and its Line has as well changes nothing, and nobody is told', () => {
    attach('s1');
    const before = line;
    expect(here(1, 's1')).toEqual([]);
    expect(line).toBe(before);
  });

  it('whose resume is forgotten takes the session from the socket before, whatever became of that one', () => {
    attach('s1');
    expect(here(2, 's2')).toEqual(['g1 TakenOver', 'g1 Attached']);
    expect(line?.devices).toMatchObject([{ device: device(2), socket: 's2' }]);
    expect(say({ type: 'CloseSocket', userID, socket: 's1' as SessionID, resumable: false })).toEqual([]);
  });

  it('and that has a newer socket elsewhere stays where it is', () => {
    attach('s1');
    attach('s2', 's1');
    expect(here(1, 's1', 'g7')).toEqual([]);
    expect(line?.devices).toMatchObject([{ device: device(2), socket: 's2' }]);
  });

  it('rings if its user is being called', () => {
    attach('s1');
    say({ type: 'Ring', userID, callID, n: 1, callerID: 'anna' as UserID, media: 'video', until: 9000 });
    expect(here(2, 's2')).toContain('g1 Incoming');
  });
});
