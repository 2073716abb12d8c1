/** A gateway that is being stopped, and one that was taken for dead. */
import { MemoryServer, MemoryStore, VirtualClock, type Faults } from '@switchboard/event-log';
import type { GatewayID } from '@switchboard/protocol';
import { silentLogger } from '@switchboard/service-kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { Membership } from '../src/mail/membership.ts';
import { FakeOrchestrator, PARTITIONS } from './support/cluster.ts';
import { SmallGateway, type FakeSocket } from './support/sockets.ts';

/** What it says to a native client. */
const told = (socket: FakeSocket) => socket.take();

describe('a gateway that is being stopped', () => {
  const many = async (gateway: SmallGateway, count: number) => {
    const clients = [];
    for (let index = 0; index < count; index += 1) clients.push(await gateway.online(`user-${String(index)}`));
    return clients;
  };

  it('tells native clients when to move, and waits until the last has moved', async () => {
    const gateway = new SmallGateway();
    const [ann, bob] = await many(gateway, 2);
    let left = false;
    void gateway.hub.sendAway(10_000).then(() => (left = true));
    expect(told(ann!.socket)).toEqual([{ type: 'reconnect', afterMs: 250 }]);
    expect(told(bob!.socket)).toEqual([{ type: 'reconnect', afterMs: 250 }]);
    ann!.socket.gone(4000);
    await gateway.clock.advance(900);
    expect(left).toBe(false);
    bob!.socket.gone(4000);
    await gateway.clock.advance(0);
    expect(left).toBe(true);
  });

  it('waits no longer than the window, and closes as a restart whoever is left: they may come back', async () => {
    const gateway = new SmallGateway();
    const [ann] = await many(gateway, 1);
    const gone = gateway.hub.sendAway(10_000).then(() => void gateway.hub.close('serviceRestart'));
    await gateway.clock.advance(2500);
    await gone;
    expect(ann!.socket.closedWith).toBe(1012);
    expect(gateway.take('CloseSocket')).toMatchObject([{ socket: ann!.id, resumable: true }]);
  });

  it('spreads many over a window that grows with them, up to the longest', async () => {
    const gateway = new SmallGateway();
    const clients = await many(gateway, 2000);
    void gateway.hub.sendAway(10_000);
    expect(told(clients[0]!.socket)).toEqual([{ type: 'reconnect', afterMs: 1000 }]);
    void gateway.hub.sendAway(3000);
    expect(told(clients[0]!.socket)).toEqual([{ type: 'reconnect', afterMs: 500 }]);
  });

  it('has nothing to wait for without native clients, or without a window', async () => {
    const gateway = new SmallGateway();
    const { socket } = await gateway.client({ userID: 'old', capabilities: [] });
    await gateway.hub.sendAway(10_000);
    expect(told(socket)).toEqual([]);
    await many(gateway, 1);
    const gone = gateway.hub.sendAway(0);
    await gateway.clock.advance(0);
    await gone;
  });
});

describe('a gateway that could not beat for 3 s', () => {
  let clock: VirtualClock;
  let orchestrator: FakeOrchestrator;
  let away: boolean;
  let gone: number;
  const gatewayID = 'gw-1' as GatewayID;

  beforeEach(async () => {
    clock = new VirtualClock();
    away = false;
    gone = 0;
    const faults: Faults = {
      before: () => {
        if (away) throw new Error('away');
      },
    };
    const server = new MemoryServer({ clock });
    const store = new MemoryStore(server, faults);
    await store.open(PARTITIONS);
    orchestrator = new FakeOrchestrator(new MemoryStore(server));
    const member = new Membership({
      ...{ store, clock, gatewayID, partitions: PARTITIONS, logger: silentLogger(), sessions: () => 0 },
      handle: () => Promise.resolve(),
      onGone: () => (gone += 1),
    });
    await member.join(new AbortController().signal);
    await clock.advance(5000);
  });
  const isCutFor = async (ms: number) => {
    away = true;
    await clock.advance(ms);
    away = false;
  };

  it('and was buried meanwhile finds out by its next beat', async () => {
    away = true;
    await clock.advance(3500);
    await orchestrator.bury(gatewayID);
    await clock.advance(500);
    expect(gone).toBe(0);
    away = false;
    await clock.advance(1000);
    expect(gone).toBeGreaterThan(0);
  });

  it('and is being buried finds out a little later', async () => {
    await isCutFor(4000);
    await clock.advance(3000);
    expect(gone).toBe(0);
    await orchestrator.bury(gatewayID);
    await clock.advance(1000);
    expect(gone).toBeGreaterThan(0);
  });

  it('because Redis was away is alive, and goes on', async () => {
    await isCutFor(60_000);
    await clock.advance(20_000);
    expect(gone).toBe(0);
  });

  it('asks nobody while its beats get through', async () => {
    await orchestrator.bury(gatewayID);
    await clock.advance(20_000);
    expect(gone).toBe(0);
  });
});
