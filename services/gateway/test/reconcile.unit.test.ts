/** A partition of the log that lost its last writes: what this gateway has of it is said again. */
import { partitionOfUser, type CallID, type SessionID, type UserID } from '@switchboard/protocol';
import { describe, expect, it } from 'vitest';
import { Driver, RINGING } from './support/machine.ts';
import { SmallGateway } from './support/sockets.ts';

const PARTITIONS = 32;
const partitionOf = (userID: string) => partitionOfUser(userID as UserID, PARTITIONS);
const reconcile = (driver: Driver, partition: number) => {
  driver.take(driver.machine.reconcile(partition));
  return driver.commands;
};
/** RINGING is a call of partition 3. */
const OTHER = '3-018bcfe5-6800-7000-8000-000000000002' as CallID;

describe('a session', () => {
  it('names its device as it is known now, after a resume too', () => {
    const ann = new Driver();
    ann.askToResume();
    ann.resumed();
    const [here, ...rest] = reconcile(ann, partitionOf('ann'));
    const device = { session: 's0', connection: 2, gateway: 'gw-1', capabilities: ['native'] };
    expect(here).toEqual({ type: 'DeviceHere', userID: 'ann', socket: 's1', device });
    expect(rest).toEqual([]);
  });

  it('asks each call of that partition how it is, and no other', () => {
    const ann = new Driver().login('native');
    ann.ring(RINGING);
    ann.ring(OTHER);
    const { callID } = ann.place();
    const asked = (partition: number) => reconcile(ann, partition).filter(({ type }) => type === 'PartyHere');
    expect(asked(3)).toMatchObject([{ callID: RINGING, device: { session: 's1' }, fresh: false }, { callID: OTHER }]);
    expect(asked(partitionOf('ann'))).toMatchObject([{ callID }]);
    expect(asked(4)).toEqual([]);
  });

  it('ends for its client what the log does not know any more', () => {
    const ann = new Driver().login('native');
    ann.ring(RINGING);
    reconcile(ann, 3);
    expect(ann.end(RINGING, 'callee', 'connection_lost')).toMatchObject([
      { type: 'stopCommunication', callID: RINGING, reason: 'connection_lost' },
    ]);
  });

  it('says again that it stopped a call whose name its client has not heard', () => {
    const ann = new Driver().login('native');
    const { callID } = ann.place();
    ann.client({ type: 'stop' });
    expect(reconcile(ann, partitionOf('ann'))).toMatchObject([{ type: 'DeviceHere' }, { type: 'Stop', callID }]);
  });

  it('that waits to be resumed, or is over, says nothing', () => {
    const ann = new Driver();
    ann.askToResume();
    expect(reconcile(ann, partitionOf('ann'))).toEqual([]);
    ann.closed(1006);
    expect(reconcile(ann, partitionOf('ann'))).toEqual([]);
  });

  it('is not told of its device again, unless it never was', () => {
    const ann = new Driver().login('native');
    expect(ann.mail({ type: 'Attached', as: 's1' as SessionID, resumed: false, graceMs: 1 })).toEqual([]);
    const eve = new Driver();
    eve.client({ type: 'login', userID: 'ann', capabilities: ['native'] });
    reconcile(eve, partitionOf('ann'));
    expect(eve.mail({ type: 'Attached', as: 's1' as SessionID, resumed: false, graceMs: 1 })).toMatchObject([
      { type: 'loginResponse' },
    ]);
  });
});

describe('a gateway', () => {
  it('says it for every session and every watch of that partition, a batch at a time', async () => {
    const gateway = new SmallGateway();
    const names = Array.from({ length: 8000 }, (_, index) => `user-${String(index)}`);
    const here = names.filter((name) => partitionOf(name) === 3);
    const elsewhere = names.filter((name) => partitionOf(name) !== 3).slice(0, 5);
    for (const name of [...here, ...elsewhere]) await gateway.online(name);
    const [{ socket }] = [await gateway.online(elsewhere[0]!)];
    await socket.say({ type: 'presence', userIDs: ['bob', ...here.slice(0, 2)] });
    gateway.commands.splice(0);

    expect(here.length).toBeGreaterThan(200);
    await gateway.mail({ type: 'Reconcile', partition: 3 });
    expect(gateway.commands).toHaveLength(200);
    await gateway.clock.advance(10_000);
    const users = (type: 'DeviceHere' | 'Watch') =>
      gateway.take(type).map((command) => ('userID' in command ? command.userID : ''));
    expect(users('DeviceHere')).toEqual(here);
    expect(users('Watch')).toEqual(here.slice(0, 2));
    expect(gateway.commands).toEqual([]);
  });

  it('has nothing to say of a partition in which it has nobody', async () => {
    const gateway = new SmallGateway();
    await gateway.online('ann');
    gateway.commands.splice(0);
    await gateway.mail({ type: 'Reconcile', partition: (partitionOf('ann') + 1) % PARTITIONS });
    await gateway.clock.advance(1000);
    expect(gateway.commands).toEqual([]);
  });
});
