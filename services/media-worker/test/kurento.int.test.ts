import { startMediaServer, type RunningServer } from '@switchboard/media-server';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectKurento, type KurentoOptions } from '../src/kurento/adapter.ts';
import type { EndpointEvents, KurentoPort, PortEvents } from '../src/kurento/port.ts';
import { eventually } from '@switchboard/testkit';
import { OFFER } from './helpers.ts';
import { openWay } from './way.ts';

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
    await pipeline.tag({ bridge: 'other', more: 'x' });
    expect(found?.tags).toEqual({ callID: 'c', bridge: 'ab' });
    expect((await port.listPipelines())[0]?.tags).toEqual({ callID: 'c', bridge: 'other', more: 'x' });
    expect(await a.isConnected()).toBe(false);
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
    const other = await found!.pipeline.createEndpoint({ legID: 'y' }, deaf);
    await other.processOffer(OFFER);
    await found!.pipeline.connectBoth(other, endpoint, { bridge: 'xy' });
    await found!.pipeline.release();
  });
});

async function startWay(to: number) {
  const way = await openWay(to);
  open.push(way);
  return way;
}

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
    const asked = port.createPipeline({ asked: 'meanwhile' });
    await port.whenConnected();
    await (await asked).release();
    expect(told).toEqual(['up', 'down', 'up']);
    await endpoint.gatherCandidates();
    await eventually('a candidate', () => candidates.length > 0);
    await pipeline.release();
  });

  it('asks again what was on its way when the socket broke, and it is done once', async () => {
    const way = await startWay(server.port);
    const port = await connected({ url: way.url, deadlineMs: 60_000 });
    way.hold();
    const asked = [1, 2, 3].map((n) => port.createPipeline({ n: String(n) }));
    const witness = await connected();
    await eventually('they are made', async () => (await witness.listPipelines()).length === 3);
    way.cut();
    const made = await Promise.all(asked);
    const there = (await witness.listPipelines()).map(({ pipeline }) => pipeline.id);
    expect(there.sort()).toEqual(made.map(({ id }) => id).sort());
    await Promise.all(made.map((pipeline) => pipeline.release()));
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

  it('counts as lost half a second after it was refused, with all that is asked: nobody listens there', async () => {
    const doomed = await startMediaServer();
    const told: string[] = [];
    const events = { ...quiet, down: () => told.push('down'), lost: () => told.push('lost') };
    const port = await connected({ url: doomed.url, events });
    const before = performance.now();
    await doomed.close();
    await eventually('down', () => told.includes('down'));
    await expect(port.createPipeline({})).rejects.toMatchObject({ code: 'lost' });
    expect(told).toEqual(['down', 'lost']);
    const ms = performance.now() - before;
    expect(ms).toBeGreaterThan(500);
    expect(ms).toBeLessThan(3_000);
    await expect(port.createPipeline({})).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('is not lost while the way to it is broken, but for so long', async () => {
    const way = await startWay(server.port);
    const told: string[] = [];
    const events = { connected: () => told.push('up'), down: () => told.push('down'), lost: () => told.push('lost') };
    const port = await connected({ url: way.url, events, goneAfterMs: 1, lostAfterMs: 60_000 });
    way.breakNext(3);
    way.cut();
    await eventually('it tried, and tried again', () => way.toBreak() === 0);
    await port.whenConnected();
    expect(told).toEqual(['up', 'down', 'up']);
    const other = await startWay(server.port);
    told.length = 0;
    await connected({ url: other.url, events, goneAfterMs: 1, lostAfterMs: 50 });
    other.breakNext(Infinity);
    other.cut();
    await eventually('lost', () => told.includes('lost'));
    expect(told).toEqual(['up', 'down', 'lost']);
  });
});
