/** Two sockets of one session, on one gateway. */
import type { SessionID, UserID } from '@switchboard/protocol';
import { describe, expect, it } from 'vitest';
import { RINGING } from './support/machine.ts';
import { SmallGateway } from './support/sockets.ts';

const comeBack = async (gateway: SmallGateway, first: SessionID) => {
  const { socket, id } = await gateway.client({ userID: 'ann', resume: { sessionID: first } });
  const to = { session: id, connection: 2 };
  return { socket, id, attach: () => gateway.mail({ type: 'Attached', ...to, as: first, resumed: true, graceMs: 1 }) };
};
const ring = (gateway: SmallGateway, session: SessionID, connection: number) =>
  gateway.mail({
    ...{ type: 'Incoming', session, connection, callID: RINGING },
    ...{ n: 1, callerID: 'bob' as UserID, media: 'video' },
  });

describe('a session that comes back on the gateway that it had', () => {
  it('closes the older socket with 4001, in silence, and is found by the newer', async () => {
    const gateway = new SmallGateway();
    const ann = await gateway.online('ann');
    const again = await comeBack(gateway, ann.id);
    await gateway.mail({ type: 'TakenOver', session: ann.id, connection: 1 });
    expect(ann.socket.closedWith).toBe(4001);
    await again.attach();
    ann.socket.gone(4001);
    expect(gateway.take('CloseSocket')).toEqual([]);
    expect(again.socket.take()).toMatchObject([{ type: 'loginResponse', sessionID: ann.id }]);
    await ring(gateway, ann.id, 2);
    expect(again.socket.take()).toMatchObject([{ type: 'incomingCall' }]);
    expect(gateway.hub.sessions).toBe(1);
  });

  it('is not forgotten when the older socket goes later', async () => {
    const gateway = new SmallGateway();
    const ann = await gateway.online('ann');
    const again = await comeBack(gateway, ann.id);
    await again.attach();
    ann.socket.gone(1006);
    expect(gateway.take('CloseSocket')).toMatchObject([{ socket: ann.id }]);
    again.socket.take();
    await ring(gateway, ann.id, 1);
    expect(again.socket.take(), 'for the connection before').toEqual([]);
    await ring(gateway, ann.id, 2);
    expect(again.socket.take()).toMatchObject([{ type: 'incomingCall' }]);
  });

  it('is forgotten under each of its names when its last socket goes', async () => {
    const gateway = new SmallGateway();
    const ann = await gateway.online('ann');
    ann.socket.gone(1006);
    const again = await comeBack(gateway, ann.id);
    await again.attach();
    expect(gateway.hub.find(again.id), 'the name of the socket').toBeUndefined();
    expect(gateway.hub.find(ann.id)).toBeDefined();
    again.socket.gone(1000);
    expect(gateway.hub.find(ann.id)).toBeUndefined();
    expect(gateway.take('CloseSocket')).toMatchObject([
      { socket: ann.id, resumable: true },
      { socket: again.id, resumable: false },
    ]);
  });
});

describe('a session that came back elsewhere', () => {
  it('closes the socket here with 4001, and nobody is found here any more', async () => {
    const gateway = new SmallGateway();
    const ann = await gateway.online('ann');
    await gateway.mail({ type: 'TakenOver', session: ann.id, connection: 1 });
    expect(ann.socket.closedWith).toBe(4001);
    expect(gateway.commands).toEqual([]);
    expect(gateway.hub.find(ann.id)).toBeUndefined();
    await ring(gateway, ann.id, 1);
    expect(gateway.dropped).toBe(1);
  });
});
