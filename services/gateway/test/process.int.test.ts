/** The whole process, in this one, on a real Redis: config, ready line, logs, orderly stop. */
import { EventEmitter } from 'node:events';
import { connectRedisStore } from '@switchboard/event-log';
import type { GatewayID } from '@switchboard/protocol';
import { runService, type ProcessHost } from '@switchboard/service-kit';
import { eventually, startRedis, type RunningRedis } from '@switchboard/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayConfig } from '../src/index.ts';
import { runGateway } from '../src/run.ts';
import { candidate, OFFER } from './support/machine.ts';
import { attached, connect } from './support/client.ts';
import { FakeOrchestrator, PARTITIONS } from './support/cluster.ts';

class FakeProcess extends EventEmitter implements ProcessHost {
  readonly argv: string[] = [];
  readonly env: Record<string, string>;
  readonly lines: Record<string, unknown>[] = [];
  readonly exited: Promise<number>;
  errors = '';
  #exit: (code: number) => void = () => undefined;

  constructor(env: Record<string, string>) {
    super();
    this.env = env;
    this.exited = new Promise((resolve) => (this.#exit = resolve));
  }

  /** Runs until ready; the fields of its ready line. */
  async run(): Promise<Record<string, unknown>> {
    const logDestination = { write: (line: string) => this.lines.push(JSON.parse(line) as Record<string, unknown>) };
    void runService({ name: 'gateway', config: gatewayConfig, host: this, logDestination }, runGateway);
    return eventually('the ready line', () => this.lines.find(({ msg }) => msg === 'ready'), 20_000);
  }

  onInputClosed(): void {
    // Nobody supervises it here.
  }
  print(): void {
    // Nothing of it is looked at.
  }
  printError(text: string): void {
    this.errors += text;
  }
  exit(code: number): void {
    this.#exit(code);
  }
}

let redis: RunningRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const env = () => ({
  REDIS_URL: redis.url,
  AUTH: 'open',
  PLAIN_HTTP: 'true',
  PORT: '0',
  PARTITIONS: String(PARTITIONS),
  RECONNECT_WINDOW_MS: '300',
});

describe('the gateway process', () => {
  it('serves on Redis, outlives its restart, stops in order, and logs nothing private', async () => {
    const host = new FakeProcess(env());
    const ready = await host.run();
    expect(ready).toMatchObject({ port: expect.any(Number), url: `http://localhost:${String(ready['port'])}` });
    const store = await connectRedisStore({ url: redis.url, namespace: 'switchboard' });
    const orchestrator = new FakeOrchestrator(store);
    const beats = await store.beats();
    expect(beats).toMatchObject([{ id: ready['gatewayID'], kind: 'gateway' }]);

    const client = await connect(String(ready['url']));
    client.send({ type: 'login', userID: 'ann', capabilities: ['native'], token: 'a-token' });
    const { socket } = await orchestrator.command('AttachDevice');
    await orchestrator.send(ready['gatewayID'] as GatewayID, attached(socket));
    expect(await client.next()).toMatchObject({ type: 'loginResponse', gateways: [ready['url']] });
    client.send({ type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER });
    client.send({ type: 'onIceCandidate', candidate });
    const place = await orchestrator.command('Place');

    await redis.restart();
    const readyAgain = async () => {
      const answer = await fetch(`${String(ready['url'])}/readyz`);
      return answer.status === 200 && (await store.beats()).length === 1;
    };
    await eventually('ready again', readyAgain, 15_000);
    client.send({ type: 'stop' });
    await orchestrator.command('Stop', { callID: place.callID });

    host.emit('SIGTERM', 'SIGTERM');
    expect(await client.closed).toBe(1012);
    expect(await host.exited).toBe(0);
    await orchestrator.command('CloseSocket', { socket, resumable: true });
    expect(await store.beats()).toEqual([]);
    orchestrator.close();
    await store.close();

    const log = host.lines.map((line) => JSON.stringify(line)).join('\n');
    expect(host.lines.filter((line) => line['callID'] === place.callID)).not.toEqual([]);
    for (const secret of ['a-token', 'v=0', 'm=audio', '10.0.0.1', 'candidate:']) expect(log).not.toContain(secret);
  });

  it('refuses a bad config with code 2, and another number of partitions with code 1', async () => {
    const bad = new FakeProcess({ ...env(), HOST: '0.0.0.0' });
    void bad.run().catch(() => undefined);
    expect(await bad.exited).toBe(2);
    expect(bad.errors).toMatch(/AUTH/);
    const other = new FakeProcess({ ...env(), PARTITIONS: '8' });
    void other.run().catch(() => undefined);
    expect(await other.exited).toBe(1);
  });
});
