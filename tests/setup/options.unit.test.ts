import { describe, expect, it } from 'vitest';

import { readOptions } from '../../scripts/lib/options.mjs';
import { gatewayUrls, makePlan } from '../../scripts/lib/plan.mjs';

const read = (argv: string[], env: Record<string, string> = {}) => readOptions(argv, { env, root: '/project' });

describe('the options of npm start', () => {
  it('has a small cluster on loopback as its default', () => {
    expect(read([])).toMatchObject({ host: 'localhost', port: 8443, gateways: 2, workers: 2, orchestrators: 2 });
    expect(read([])).toMatchObject({ kms: [], dataDir: '/project/.data', auth: 'open' });
  });

  it('refuses --host without AUTH=jwt, and takes it with', () => {
    expect(() => read(['--host', '0.0.0.0'])).toThrow(/AUTH=open lets anyone in.*set AUTH=jwt/);
    expect(read(['--host', '192.0.2.1'], { AUTH: 'jwt' })).toMatchObject({ host: '192.0.2.1', auth: 'jwt' });
    expect(read(['--host', '127.0.0.1']).host).toBe('127.0.0.1');
  });

  it('takes one worker per Kurento server', () => {
    const kms = ['ws://a:8888/kurento', 'ws://b:8888/kurento', 'ws://c:8888/kurento'];
    expect(read(['--kms', kms.join(',')])).toMatchObject({ kms, workers: 3 });
  });

  it('names every bad option at once', () => {
    const bad = ['--port', 'abc', '--gateways', '0', '--kms', 'http://a,ws://b'];
    expect(() => read(bad)).toThrow(/--kms: "http:\/\/a".*\n--port must be.*"abc".*\n--gateways must be/);
    expect(() => read(['--nonsense'])).toThrow(/Unknown option '--nonsense'/);
    expect(() => read(['stray'])).toThrow(/stray/);
    expect(() => read([], { AUTH: 'none' })).toThrow('AUTH is "none"');
    expect(() => read(['--kms', 'ws://a', '--workers', '2'])).toThrow('exclude each other');
  });
});

describe('the plan of npm start', () => {
  const tls = { certFile: '/cert', keyFile: '/key' };
  const plan = (argv: string[], env: Record<string, string> = {}) =>
    makePlan({ root: '/project', options: read(argv, env), env, redis: { url: 'redis://127.0.0.1:1' }, tls });
  const named = (stages: ReturnType<typeof plan>, name: string) => {
    const spec = stages.flat().find((child) => child.name === name);
    if (spec === undefined) throw new Error(`no ${name}`);
    return spec;
  };

  it('starts media servers, workers, orchestrators and gateways in this order', () => {
    expect(plan([]).map((stage) => stage.map(({ name }) => name))).toEqual([
      ['media-server-1', 'media-server-2'],
      ['media-worker-1', 'media-worker-2'],
      ['orchestrator-1', 'orchestrator-2'],
      ['gateway-1', 'gateway-2'],
    ]);
  });

  it('gives a media server any port first and the same one again, and tells its worker', () => {
    const stages = plan([]);
    const server = named(stages, 'media-server-2');
    expect(server.args(new Map()).slice(-2)).toEqual(['--port', '0']);
    const ready = new Map([['media-server-2', { port: 4321 }]]);
    expect(server.args(ready).slice(-2)).toEqual(['--port', '4321']);
    expect(named(stages, 'media-worker-2').env(ready)).toMatchObject({
      KMS_URL: 'ws://127.0.0.1:4321/kurento',
      WORKER_ID: 'worker-2',
    });
  });

  it('uses real Kurento servers without embedded ones', () => {
    const stages = plan(['--kms', 'ws://a:8888/kurento,ws://b:8888/kurento']);
    expect(stages.flat().some(({ name }) => name.startsWith('media-server'))).toBe(false);
    expect(named(stages, 'media-worker-2').env(new Map())['KMS_URL']).toBe('ws://b:8888/kurento');
  });

  it('tells each gateway its port and the addresses of all', () => {
    expect(gatewayUrls(read(['--port', '9000']))).toEqual(['https://localhost:9000', 'https://localhost:9001']);
    expect(named(plan(['--port', '9000']), 'gateway-2').env(new Map())).toMatchObject({
      PORT: '9001',
      AUTH: 'open',
      GATEWAYS: 'https://localhost:9000,https://localhost:9001',
      SWITCHBOARD_SUPERVISED: '1',
      NAMESPACE: 'switchboard',
    });
  });

  it("keeps the shell's own PORT away from the children", () => {
    const stages = plan([], { PORT: '1', KMS_URL: 'ws://wrong', PATH: '/bin', JWT_ISSUER: 'me' });
    const env = named(stages, 'orchestrator-1').env(new Map());
    expect(env).toMatchObject({ PATH: '/bin', JWT_ISSUER: 'me' });
    expect(env).not.toHaveProperty('PORT');
    expect(env).not.toHaveProperty('KMS_URL');
  });
});
