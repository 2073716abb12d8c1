import {
  answerRef,
  offerRef,
  type GatewayMessage,
  type SessionID,
  type UserID,
  type WorkerID,
} from '@switchboard/protocol';
import type { SessionMessage } from '../src/session/actions.ts';
import { LogError } from '@switchboard/event-log';
import { eventually } from '@switchboard/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { candidate, OFFER, RINGING } from './support/machine.ts';
import { connect, loggedIn, refusal } from './support/client.ts';
import { testGateway, type TestGateway, type TestOptions } from './support/cluster.ts';

let running: TestGateway[] = [];
const start = async (options: TestOptions = {}) => {
  const gateway = await testGateway(options);
  running.push(gateway);
  return gateway;
};
afterEach(async () => {
  await Promise.all(running.map((gateway) => gateway.stop()));
  running = [];
});

type Body<T extends SessionMessage> = T extends unknown ? Omit<T, 'session' | 'connection'> : never;
const tell = (gateway: TestGateway, session: SessionID, message: Body<SessionMessage>, blobs = {}) =>
  gateway.orchestrator.send(gateway.gatewayID, { ...message, session, connection: 1 } as GatewayMessage, blobs);
const worker = 'worker-1' as WorkerID;

describe('a call through the gateway', () => {
  it('seed caller: candidates reach the worker after the route, the client after its SDP', async () => {
    const gateway = await start();
    const ann = await loggedIn(gateway, 'ann', 'seed');
    ann.send({ type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER });
    ann.send({ type: 'onIceCandidate', candidate });
    const place = await gateway.orchestrator.command('Place');
    const { callID, legID } = place;
    expect(gateway.orchestrator.blobsOf(place)).toEqual({ [offerRef(legID)]: OFFER });
    expect(await gateway.orchestrator.mailOf(worker)).toEqual([]);
    await tell(gateway, ann.session, { type: 'LocalCandidate', callID, attempt: 1, legID, candidate });
    await tell(gateway, ann.session, { type: 'Route', callID, attempt: 1, workerID: worker, legID });
    const sent = await eventually('a candidate at the worker', async () => {
      const mails = await gateway.orchestrator.mailOf(worker);
      return mails.length > 0 && mails;
    });
    expect(sent).toEqual([{ type: 'RemoteCandidate', callID, attempt: 1, legID, candidate }]);
    expect(ann.frames, 'no candidate before its SDP').toEqual([]);
    await tell(
      gateway,
      ann.session,
      { type: 'Answer', callID, n: 4, role: 'caller', legID, renegotiated: false },
      { [answerRef(legID)]: 'v=0' },
    );
    expect(await ann.next()).toEqual({ type: 'callResponse', callResponse: 'accepted', sdpAnswer: 'v=0' });
    expect(await ann.next()).toEqual({ type: 'iceCandidate', candidate });
    ann.send({ type: 'stop' });
    expect(await gateway.orchestrator.command('Stop')).toMatchObject({ callID, userID: 'ann', session: ann.session });
  });

  it('a seed callee counts as ringing once the frame was written; a native one says so', async () => {
    const gateway = await start();
    const incoming = {
      type: 'Incoming',
      callID: RINGING,
      n: 2,
      callerID: 'ann',
      media: 'video',
    } as unknown as Body<SessionMessage>;
    const bob = await loggedIn(gateway, 'bob', 'seed');
    await tell(gateway, bob.session, incoming);
    expect(await bob.next()).toEqual({ type: 'incomingCall', callerID: 'ann' });
    await gateway.orchestrator.command('DeviceRinging', { session: bob.session, callID: RINGING });
    const tablet = await loggedIn(gateway, 'bob2', 'native');
    await tell(gateway, tablet.session, incoming);
    expect(await tablet.next()).toMatchObject({ type: 'incomingCall', callID: RINGING });
    tablet.send({ type: 'ringing', callID: RINGING });
    await gateway.orchestrator.command('DeviceRinging', { session: tablet.session });
    bob.send({ type: 'incomingCallResponse', callerID: 'ann', callResponse: 'accepted', sdpOffer: OFFER });
    const accept = await gateway.orchestrator.command('Accept');
    expect(accept).toMatchObject({
      callID: RINGING,
      userID: 'bob',
      device: { session: bob.session, gateway: gateway.gatewayID },
    });
    expect(gateway.orchestrator.blobsOf(accept)).toEqual({ [offerRef(accept.legID)]: OFFER });
  });

  it('a socket that closes is told to its Line', async () => {
    const gateway = await start();
    const ann = await loggedIn(gateway, 'ann', 'seed');
    ann.ws.terminate();
    const closed = await gateway.orchestrator.command('CloseSocket');
    expect(closed).toEqual({ type: 'CloseSocket', userID: 'ann', socket: ann.session, resumable: false });
  });

  it('a native socket that breaks may come back, one that says goodbye does not', async () => {
    const gateway = await start();
    const [broken, over] = [await loggedIn(gateway, 'ann', 'native'), await loggedIn(gateway, 'bob', 'native')];
    broken.ws.terminate();
    await gateway.orchestrator.command('CloseSocket', { socket: broken.session, resumable: true });
    over.ws.close(1000);
    await gateway.orchestrator.command('CloseSocket', { socket: over.session, resumable: false });
  });
});

describe('a session on two sockets of one gateway', () => {
  /** A second socket asks for the session of `first`, and its Line agrees. */
  const comeBack = async (gateway: TestGateway, first: SessionID) => {
    const { orchestrator, gatewayID } = gateway;
    const second = await connect(gateway.url);
    second.send({ type: 'login', userID: 'ann', capabilities: ['native'], resume: { sessionID: first } });
    const { socket } = await orchestrator.command('AttachDevice', { resume: first });
    const to = { session: socket, connection: 2 };
    const answer = { type: 'Attached', ...to, as: first, resumed: true, graceMs: 30_000 } as const;
    return { second, socket, attach: () => orchestrator.send(gatewayID, answer) };
  };

  it('the older is closed with 4001 and its Line hears nothing of it; the newer has the mail', async () => {
    const gateway = await start();
    const ann = await loggedIn(gateway, 'ann', 'native');
    const { second, socket, attach } = await comeBack(gateway, ann.session);
    await tell(gateway, ann.session, { type: 'TakenOver' });
    await attach();
    expect(await second.next()).toMatchObject({ type: 'loginResponse', sessionID: ann.session });
    expect(await ann.closed).toBe(4001);
    const incoming = { type: 'Incoming', callID: RINGING, n: 2, callerID: 'bob' as UserID, media: 'video' } as const;
    await gateway.orchestrator.send(gateway.gatewayID, { ...incoming, session: ann.session, connection: 2 });
    expect(await second.next()).toMatchObject({ type: 'incomingCall' });
    second.ws.close(1000);
    await gateway.orchestrator.command('CloseSocket', { socket, resumable: false });
    expect(await gateway.orchestrator.left('CloseSocket')).toEqual([]);
  });

  it('the older goes late: the newer is still found', async () => {
    const gateway = await start();
    const ann = await loggedIn(gateway, 'ann', 'native');
    const { second, attach } = await comeBack(gateway, ann.session);
    await attach();
    expect(await second.next()).toMatchObject({ type: 'loginResponse' });
    ann.ws.terminate();
    await gateway.orchestrator.command('CloseSocket', { socket: ann.session });
    const incoming = { type: 'Incoming', callID: RINGING, n: 2, callerID: 'bob' as UserID, media: 'video' } as const;
    await gateway.orchestrator.send(gateway.gatewayID, { ...incoming, session: ann.session, connection: 2 });
    expect(await second.next()).toMatchObject({ type: 'incomingCall' });
  });
});

describe('presence', () => {
  it('is asked for once, told to all who watch, and asked for no more when the last is gone', async () => {
    const gateway = await start();
    const { orchestrator, gatewayID } = gateway;
    const [ann, eve] = [await loggedIn(gateway, 'ann', 'native'), await loggedIn(gateway, 'eve', 'native')];
    ann.send({ type: 'presence', userIDs: ['bob'] });
    await orchestrator.command('Watch', { userID: 'bob', gateway: gatewayID });
    await orchestrator.send(gatewayID, { type: 'PresenceIs', userID: 'bob' as UserID, state: 'online' });
    expect(await ann.next()).toEqual({ type: 'presenceChanged', userID: 'bob', state: 'online' });
    eve.send({ type: 'presence', userIDs: ['bob'] });
    expect(await eve.next(), 'from what is known').toMatchObject({ userID: 'bob', state: 'online' });
    ann.ws.close();
    await ann.closed;
    await orchestrator.send(gatewayID, { type: 'PresenceIs', userID: 'bob' as UserID, state: 'busy' });
    expect(await eve.next()).toMatchObject({ userID: 'bob', state: 'busy' });
    eve.send({ type: 'presence', userIDs: [] });
    await orchestrator.command('Unwatch', { userID: 'bob', gateway: gatewayID });
    expect(await orchestrator.left('Watch')).toEqual([]);
  });
});

describe('the handshake', () => {
  it('is refused on another path, from a foreign page, and let through from loopback pages and without Origin', async () => {
    const { url } = await start({ env: { ALLOWED_ORIGINS: 'https://chat.example' } });
    expect(await refusal(url, '/')).toBe(404);
    expect(await refusal(url, '/videoCall/x')).toBe(404);
    for (const origin of [
      'https://evil.example',
      'null',
      'https://localhost.evil.example',
      'https://chat.example.evil',
    ]) {
      expect(await refusal(url, '/videoCall', { origin }), origin).toBe(403);
    }
    for (const origin of [url, 'http://localhost:3000', 'http://[::1]:1', 'https://chat.example']) {
      (await connect(url, { origin })).ws.close();
    }
    (await connect(url)).ws.close();
  });

  it('listens on both families of loopback', async () => {
    const { port } = await start();
    for (const host of ['127.0.0.1', '[::1]']) (await connect(`http://${host}:${String(port)}`)).ws.close();
  });
});

describe('limits', () => {
  it('a silent socket is closed after two beats, one that answers pings is not', async () => {
    const gateway = await start({ env: { HEARTBEAT_MS: '100' } });
    const silent = await connect(gateway.url, { autoPong: false });
    const alive = await connect(gateway.url);
    expect(await silent.closed).toBe(4002);
    await alive.settled();
    expect(alive.ws.readyState).toBe(alive.ws.OPEN);
  });

  it('a client that reads no more is closed', async () => {
    const gateway = await start({ env: { SEND_BUFFER_BYTES: '65536' } });
    const ann = await loggedIn(gateway, 'ann', 'native');
    ann.send({ type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER });
    const { callID, legID } = await gateway.orchestrator.command('Place');
    ann.ws.pause();
    const answer = { type: 'Answer', callID, n: 4, role: 'caller', legID, renegotiated: false } as const;
    await tell(gateway, ann.session, answer, { [answerRef(legID)]: 'x'.repeat(20_000_000) });
    await tell(gateway, ann.session, { type: 'Progress', callID, n: 5, phase: 'connected' });
    await gateway.orchestrator.command('CloseSocket', { socket: ann.session });
    ann.ws.terminate();
  });
});

describe('a client that hears nothing', () => {
  it('asks whether the gateway is there; a seed client knows no such word', async () => {
    const gateway = await start();
    const [ann, old] = [await loggedIn(gateway, 'ann', 'native'), await loggedIn(gateway, 'old', 'seed')];
    ann.send({ type: 'ping' });
    expect(await ann.next()).toEqual({ type: 'pong' });
    old.send({ type: 'ping' });
    expect(await old.settled()).toEqual([]);
  });
});

describe('when the log is away', () => {
  const away = () => {
    throw new LogError('unavailable', 'away');
  };

  it('clients are told, sockets stay, what is owed arrives later, and readiness says so', async () => {
    const gateway = await start();
    const [ann, old] = [await loggedIn(gateway, 'ann', 'native'), await loggedIn(gateway, 'old', 'seed')];
    gateway.faults.before = away;
    ann.send({ type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER });
    old.send({ type: 'call', callerID: 'old', calleeID: 'bob', sdpOffer: OFFER });
    expect(await ann.next()).toMatchObject({ type: 'error', code: 'service_unavailable', re: 'call' });
    expect(await old.next()).toEqual({ type: 'callResponse', callResponse: 'exception' });
    await eventually('not ready', async () => (await fetch(`${gateway.url}/readyz`)).status === 503);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    ann.ws.close();
    await ann.closed;
    delete gateway.faults.before;
    await gateway.orchestrator.command('CloseSocket', { socket: ann.session });
    expect(old.ws.readyState).toBe(old.ws.OPEN);
    await eventually('ready', async () => (await fetch(`${gateway.url}/readyz`)).status === 200);
  });

  it('a gateway that was declared dead fails, to start over under a new ID', async () => {
    const gateway = await start();
    const ann = await loggedIn(gateway, 'ann', 'native');
    await gateway.orchestrator.bury(gateway.gatewayID);
    ann.send({ type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER });
    await eventually('it fails', () => gateway.failures.length > 0);
    expect(gateway.failures).toEqual([new Error('this gateway was declared dead: it starts over under a new ID')]);
    expect((await gateway.stop()).failed).toEqual([]);
    expect(await ann.closed).toBe(1012);
  });
});

describe('an orderly stop', () => {
  it('sends native clients to other gateways first, and takes nobody in meanwhile', async () => {
    const gateway = await testGateway({ env: { RECONNECT_WINDOW_MS: '10000' } });
    const ann = await loggedIn(gateway, 'ann', 'native');
    const report = gateway.stop();
    expect(await ann.next()).toEqual({ type: 'reconnect', afterMs: expect.any(Number) });
    expect(await refusal(gateway.url, '/videoCall')).toBe(503);
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    ann.send({ type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER });
    await gateway.orchestrator.command('Place', { calleeID: 'bob' });
    await tell(gateway, ann.session, { type: 'TakenOver' });
    expect(await ann.closed).toBe(4001);
    expect((await report).failed).toEqual([]);
    expect(await gateway.orchestrator.left('CloseSocket')).toEqual([]);
  });

  it('closes sockets with 1012, tells their Lines, and refuses newcomers', async () => {
    const gateway = await testGateway();
    const ann = await loggedIn(gateway, 'ann', 'seed');
    const report = await gateway.stop();
    expect(await ann.closed).toBe(1012);
    expect(report.failed).toEqual([]);
    await gateway.orchestrator.command('CloseSocket', { socket: ann.session });
    await expect(connect(gateway.url)).rejects.toThrow();
  });
});
