import { config as orchestratorConfig } from '@switchboard/call-orchestrator';
import { gatewayConfig } from '@switchboard/gateway';
import { config as workerConfig } from '@switchboard/media-worker';
import { describe, expect, it } from 'vitest';

import { environmentFor } from '../../scripts/lib/env.mjs';
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
      REDIS_URL: 'redis://127.0.0.1:1',
    });
  });

  it('tells the gateways the addresses that GATEWAYS names, in place of its own', () => {
    const env = { GATEWAYS: 'https://gw1.example.org, https://gw2.example.org', AUTH: 'jwt' };
    const argv = ['--host', '0.0.0.0'];
    const urls = ['https://gw1.example.org', 'https://gw2.example.org'];
    expect(gatewayUrls(read(argv, env))).toEqual(urls);
    expect(named(plan(argv, env), 'gateway-1').env(new Map())['GATEWAYS']).toBe(urls.join(','));
    expect(gatewayUrls(read([], { GATEWAYS: '' }))).toHaveLength(2);
    expect(() => read([], { GATEWAYS: 'gw1' })).toThrow('GATEWAYS: "gw1" is not an address like https://host:8443');
  });

  it.each([
    ['gateway-1', gatewayConfig, 'PORT HOST HEALTH_PORT TLS_CERT_FILE TLS_KEY_FILE AUTH GATEWAYS WEB_DIR PLAIN_HTTP'],
    ['orchestrator-1', orchestratorConfig, 'HEALTH_PORT'],
    ['media-worker-1', workerConfig, 'HEALTH_PORT KMS_URL WORKER_ID'],
  ])('hands every setting on to %s, but for those that are each its own', (name, config, own) => {
    const known = Object.keys(config.shape).filter((key) => ![...own.split(' '), 'REDIS_URL'].includes(key));
    const env = Object.fromEntries([...Object.keys(config.shape), 'LOG_LEVEL'].map((key) => [key, 'mine']));
    const given = named(plan([], { ...env, AUTH: 'open', GATEWAYS: '' }), name).env(new Map());
    expect(given).toMatchObject(Object.fromEntries([...known, 'LOG_LEVEL'].map((key) => [key, 'mine'])));
    for (const key of [...own.split(' '), 'REDIS_URL']) expect(given[key]).not.toBe('mine');
  });

  it('tells a secret to those only who know it', () => {
    const secrets = { JWT_SECRET: 'a', JWT_SECRET_FILE: 'b', MEDIA_SERVER_TURN: 'c', NPM_TOKEN: 'd', REDIS_URL: 'e' };
    const stages = plan([], { PATH: '/bin', RING_MS: '10000', ...secrets });
    const told = (name: string) => Object.entries(named(stages, name).env(new Map())).sort();
    const common = [
      ['PATH', '/bin'],
      ['SWITCHBOARD_SUPERVISED', '1'],
    ];
    expect(told('media-server-1')).toEqual([['MEDIA_SERVER_TURN', 'c'], ...common]);
    const redis = ['REDIS_URL', 'redis://127.0.0.1:1'];
    expect(told('orchestrator-1')).toEqual([common[0], redis, ['RING_MS', '10000'], common[1]]);
    expect(told('gateway-1')).toEqual(expect.arrayContaining([redis, ['JWT_SECRET', 'a'], ['JWT_SECRET_FILE', 'b']]));
    expect(JSON.stringify(told('gateway-1'))).not.toMatch(/TURN|NPM_TOKEN/);
  });
});

describe('the environment of the tests', () => {
  it('is what a program needs to run, with no setting of a Switchboard and no secret', () => {
    const needed = {
      PATH: '/bin',
      HOME: '/root',
      LC_ALL: 'C',
      TMPDIR: '/t',
      CI: '1',
      NODE_OPTIONS: '--trace-warnings',
    };
    const settings = { PARTITIONS: '4', RING_MS: '1', HEALTH_PORT: '1', ICE_SERVERS: '[]', MEDIA_SERVER_PORT: '1' };
    const secrets = { NODE_AUTH_TOKEN: 'a', npm_config_token: 'b', JWT_SECRET: 'c', AWS_SECRET_ACCESS_KEY: 'd' };
    expect(environmentFor({ ...needed, ...settings, ...secrets })).toEqual(needed);
  });
});
