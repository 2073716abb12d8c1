/** kurento-client 7.2.0 itself against the server: what the media worker will do. */
import { createRequire } from 'node:module';
import { eventually } from '@switchboard/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMediaServer, type RunningServer } from '../src/index.ts';

/** As much of kurento-client as is used here; it has no types of its own for version 7. */
interface Handle {
  readonly id: string;
  on(event: string, listener: (event: { type: string; mediaType: string }) => void): void;
  create(type: string): Promise<Handle>;
  connect(sink: Handle): Promise<void>;
  release(): Promise<void>;
  getName(): Promise<string>;
  getChildren(): Promise<Handle[]>;
  getPipelines(): Promise<Handle[]>;
  addTag(key: string, value: string): Promise<void>;
  getTag(key: string): Promise<string>;
  getUsedCpu(interval: number): Promise<number>;
  processOffer(offer: string, done: (error: { code: number } | null, answer?: string) => void): void;
}
interface KurentoClient {
  create(type: string): Promise<Handle>;
  getServerManager(): Promise<Handle>;
  close(): void;
}
type Connect = (url: string, done: (error: Error | null, client: KurentoClient) => void) => void;

const load = createRequire(import.meta.url);
let server: RunningServer;
let client: KurentoClient;

beforeAll(async () => {
  server = await startMediaServer();
  const connect = load('kurento-client') as Connect;
  client = await new Promise<KurentoClient>((resolve, reject) =>
    connect(server.url, (error, made) => (error ? reject(error) : resolve(made))),
  );
});
afterAll(async () => {
  client.close();
  await server.close();
});

test('it accepts the server, makes, connects, tags and releases objects, and hears events', async () => {
  const pipeline = await client.create('MediaPipeline');
  const [left, right] = [await pipeline.create('WebRtcEndpoint'), await pipeline.create('WebRtcEndpoint')];
  const heard: string[] = [];
  left.on('ElementConnected', ({ mediaType }) => heard.push(mediaType));
  await left.connect(right);
  await eventually('three events', () => heard.length === 3);
  expect(heard.sort()).toEqual(['AUDIO', 'DATA', 'VIDEO']);
  await left.addTag('call', '42');
  expect(await left.getTag('call')).toBe('42');
  expect((await pipeline.getChildren()).map(({ id }) => id)).toEqual([left.id, right.id]);
  const manager = await client.getServerManager();
  expect((await manager.getPipelines()).map(({ id }) => id)).toEqual([pipeline.id]);
  expect(await manager.getUsedCpu(20)).toBeGreaterThanOrEqual(0);
  await pipeline.release();
  expect(server.stats()).toMatchObject({ pipelines: 0, endpoints: 0 });
});

test('an error reaches the callback with its code', async () => {
  const endpoint = await (await client.create('MediaPipeline')).create('WebRtcEndpoint');
  const error = await new Promise<{ code: number } | null>((resolve) => endpoint.processOffer('garbage', resolve));
  expect(error).toMatchObject({ code: 40201 });
});
