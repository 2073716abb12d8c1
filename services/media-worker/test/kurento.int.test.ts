import { createServer, type Server, type Socket, connect } from 'node:net';
import { startMediaServer, type RunningServer } from '@switchboard/media-server';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectKurento, type KurentoOptions } from '../src/kurento/adapter.ts';
import type { EndpointEvents, KurentoPort, PortEvents } from '../src/kurento/port.ts';
import { eventually } from '@switchboard/testkit';
import { OFFER } from './helpers.ts';

let server: RunningServer;
const open: { close(): void }[] = [];

beforeAll(async () => {
  server = await startMediaServer();
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
afterAll(async () => {
  await server.close();
});

const quiet: PortEvents = { connected: () => undefined, down: () => undefined, lost: () => undefined };
const deaf: EndpointEvents = {
  candidate: () => undefined,
  gathered: () => undefined,
  connected: () => undefined,
  failed: () => undefined,
};

async function connected(options: Partial<KurentoOptions> = {}): Promise<KurentoPort> {
  const port = connectKurento({ url: server.url, events: quiet, ...options });
  open.push(port);
  await port.whenConnected();
  return port;
}

describe('the adapter over kurento-client', () => {
  it('creates, tags, answers an offer, gathers, connects and releases', async () => {
    const port = await connected();
    const pipeline = await port.createPipeline({ callID: 'c' });
    const candidates: string[] = [];
    const a = await pipeline.createEndpoint(
      { legID: 'a' },
      { ...deaf, candidate: (c) => candidates.push(c.candidate) },
    );
    const b = await pipeline.createEndpoint({ legID: 'b' }, deaf);
    expect(await a.processOffer(OFFER)).toMatch(/^v=0\r?\n/);
    await b.processOffer(OFFER);
    await Promise.all([a.gatherCandidates(), pipeline.connectBoth(a, b, { bridge: 'ab' })]);
    await eventually('a candidate', () => candidates.length > 0);
    await a.addIceCandidate({
      candidate: 'candidate:1 1 UDP 2013266431 127.0.0.1 9 typ host',
      sdpMid: '0',
      sdpMLineIndex: 0,
    });
    expect(await a.localDescription()).toMatch(/^v=0/);
    const [found] = await port.listPipelines();
    expect(found?.tags).toEqual({ callID: 'c' });
    expect((await found!.endpoints()).map(({ tags }) => tags['legID']).sort()).toEqual(['a', 'b']);
    expect(await port.listPipelines(new Set([pipeline.id]))).toEqual([]);
    await pipeline.release();
    await pipeline.release();
    expect(await port.listPipelines()).toEqual([]);
    expect((await port.load()).memoryKiB).toBeGreaterThan(0);
  });

  it('tells errors of the server by code, and its own', async () => {
    const port = await connected();
    const pipeline = await port.createPipeline({});
    const endpoint = await pipeline.createEndpoint({}, deaf);
    await expect(endpoint.processOffer('nonsense')).rejects.toMatchObject({ code: '40201', temporary: false });
    await expect(endpoint.localDescription()).rejects.toThrow();
    await pipeline.release();
    await expect(endpoint.gatherCandidates()).rejects.toMatchObject({ code: '40101' });
    await expect(pipeline.createEndpoint({}, deaf)).rejects.toMatchObject({ code: '40101' });
    port.close();
    await expect(port.createPipeline({})).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('writes nothing to the console', async () => {
    const methods = ['log', 'warn', 'error', 'trace', 'debug', 'info'] as const;
    const spies = methods.map((method) => vi.spyOn(console, method));
    const port = await connected();
    const pipeline = await port.createPipeline({});
    await expect((await pipeline.createEndpoint({}, deaf)).processOffer('nonsense')).rejects.toThrow();
    await pipeline.release();
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });

  it('takes over the pipelines of a process that died', async () => {
    const first = await connected();
    const pipeline = await first.createPipeline({ callID: 'kept' });
    await (await pipeline.createEndpoint({ legID: 'x' }, deaf)).processOffer(OFFER);
    first.close();
    const second = await connected();
    const [found] = await second.listPipelines();
    expect(found?.tags).toEqual({ callID: 'kept' });
    const [leg] = await found!.endpoints();
    const candidates: string[] = [];
    const endpoint = await leg!.adopt({ ...deaf, candidate: (c) => candidates.push(c.candidate) });
    expect(await endpoint.localDescription()).toMatch(/^v=0/);
    await endpoint.gatherCandidates();
    await eventually('a candidate', () => candidates.length > 0);
    await found!.pipeline.release();
  });
});

describe('a connection that fails', () => {
  it('ends a call at its deadline, and releases what was made by a late answer', async () => {
    const way = await startWay(server.port);
    const port = await connected({ url: way.url, deadlineMs: 300 });
    way.hold();
    await expect(port.createPipeline({ late: 'yes' })).rejects.toMatchObject({ code: 'timeout', temporary: true });
    way.letGo();
    const witness = await connected();
    await eventually('no pipeline', async () => (await witness.listPipelines()).length === 0);
  });

  it('keeps handles and events when the session is resumed', async () => {
    const way = await startWay(server.port);
    const told: string[] = [];
    const events = { connected: () => told.push('up'), down: () => told.push('down'), lost: () => told.push('lost') };
    const port = await connected({ url: way.url, events });
    const pipeline = await port.createPipeline({});
    const candidates: string[] = [];
    const endpoint = await pipeline.createEndpoint({}, { ...deaf, candidate: (c) => candidates.push(c.candidate) });
    await endpoint.processOffer(OFFER);
    way.cut();
    await eventually('down', () => told.includes('down'));
    await expect(port.createPipeline({})).rejects.toMatchObject({ code: 'unreachable' });
    await port.whenConnected();
    expect(told).toEqual(['up', 'down', 'up']);
    await endpoint.gatherCandidates();
    await eventually('a candidate', () => candidates.length > 0);
    await pipeline.release();
  });

  it('tells that all is lost when the server was restarted, and works with the new one', async () => {
    const old = await startMediaServer();
    const told: string[] = [];
    const events = { connected: () => told.push('up'), down: () => told.push('down'), lost: () => told.push('lost') };
    const port = await connected({ url: old.url, events });
    const pipeline = await port.createPipeline({});
    await old.close();
    await eventually('down', () => told.includes('down'));
    const fresh = await startMediaServer({ port: old.port });
    await eventually('up again', () => told.at(-1) === 'up' && told.length > 1);
    expect(told).toEqual(['up', 'down', 'lost', 'up']);
    await expect(pipeline.createEndpoint({}, deaf)).rejects.toMatchObject({ code: '40101' });
    await (await port.createPipeline({})).release();
    port.close();
    await fresh.close();
  });

  it('counts as lost after a while without a connection', async () => {
    const doomed = await startMediaServer();
    const told: string[] = [];
    const events = { ...quiet, lost: () => told.push('lost') };
    await connected({ url: doomed.url, events, lostAfterMs: 50 });
    await doomed.close();
    await eventually('lost', () => told.length > 0);
    expect(told).toEqual(['lost']);
  });
});

/** A TCP way to a port that can be cut and held up. */
async function startWay(to: number) {
  const pairs = new Set<{ near: Socket; far: Socket }>();
  const way: Server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    const pair = { near, far };
    pairs.add(pair);
    near.pipe(far).pipe(near);
    const end = () => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
  const { port } = way.address() as { port: number };
  const cut = () => pairs.forEach(({ near }) => near.destroy());
  open.push({ close: () => (cut(), way.close()) });
  const each = (act: (pair: { near: Socket; far: Socket }) => void) => () => pairs.forEach(act);
  return {
    url: `ws://127.0.0.1:${String(port)}/kurento`,
    cut,
    hold: each(({ near, far }) => far.unpipe(near)),
    letGo: each(({ near, far }) => far.pipe(near)),
  };
}
