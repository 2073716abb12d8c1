import { ConfigError, loadConfig } from '@switchboard/service-kit';
import { describe, expect, it } from 'vitest';
import { gatewayConfig } from '../src/config.ts';

const load = (env: Record<string, string>) => loadConfig(gatewayConfig, { env, argv: [] });
const tls = { TLS_CERT_FILE: '/c.pem', TLS_KEY_FILE: '/k.pem' };
const jwt = { JWT_SECRET: 'x'.repeat(32), JWT_ISSUER: 'i', JWT_AUDIENCE: 'a' };

function faults(env: Record<string, string>): string[] {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ name }) => name).sort();
    throw error;
  }
  return [];
}

describe('the config of a gateway', () => {
  it('is closed by default: it needs a certificate and a way to check tokens', () => {
    expect(faults({})).toEqual(['JWT_AUDIENCE', 'JWT_ISSUER', 'JWT_SECRET', 'TLS_CERT_FILE', 'TLS_KEY_FILE']);
    const config = load({ ...tls, ...jwt });
    expect(config).toMatchObject({
      AUTH: 'jwt',
      HOST: '127.0.0.1',
      PORT: 8443,
      PARTITIONS: 32,
      MAX_FRAME_BYTES: 262_144,
    });
    expect(config).toMatchObject({
      RATE_PER_SECOND: 100,
      RATE_BURST: 300,
      HEARTBEAT_MS: 15_000,
      GATEWAYS: [],
      ICE_SERVERS: [],
    });
  });

  it('takes anyone, and plain HTTP, on loopback only', () => {
    const open = { AUTH: 'open', PLAIN_HTTP: 'true' };
    for (const HOST of ['127.0.0.1', 'localhost', '::1']) expect(faults({ ...open, HOST })).toEqual([]);
    for (const HOST of ['0.0.0.0', '::', '10.0.0.1', 'localhost.example.org']) {
      expect(faults({ ...open, ...tls, HOST })).toEqual(['AUTH', 'PLAIN_HTTP']);
    }
  });

  it('takes a secret or a JWKS URL, not both, and no short secret', () => {
    const keySet = { JWT_ISSUER: 'i', JWT_AUDIENCE: 'a', JWT_JWKS_URL: 'https://id.example.org/jwks' };
    expect(faults({ ...tls, ...keySet })).toEqual([]);
    expect(faults({ ...tls, ...jwt, ...keySet })).toEqual(['JWT_SECRET']);
    expect(faults({ ...tls, ...jwt, JWT_SECRET: 'short' })).toEqual(['JWT_SECRET']);
  });

  it('lists every fault at once, those between fields too, and no secret', () => {
    const env = {
      PORT: '70000',
      HEARTBEAT_MS: 'soon',
      ICE_SERVERS: '{',
      GATEWAYS: 'https://ok.example,nonsense',
      HOST: '0.0.0.0',
    };
    const secret = { AUTH: 'open', JWT_SECRET: 'hunter2' };
    const all = [
      'AUTH',
      'GATEWAYS',
      'HEARTBEAT_MS',
      'ICE_SERVERS',
      'JWT_SECRET',
      'PORT',
      'TLS_CERT_FILE',
      'TLS_KEY_FILE',
    ];
    expect(faults({ ...env, ...secret })).toEqual(all);
    expect(() => load({ ...env, ...secret })).not.toThrow(/hunter2/);
  });

  it('reads lists and JSON', () => {
    const lists = { GATEWAYS: 'https://a.example/, https://b.example:8444', ICE_SERVERS: '[{"urls":["stun:s"]}]' };
    const config = load({ AUTH: 'open', PLAIN_HTTP: 'true', ...lists });
    expect(config.GATEWAYS).toEqual(['https://a.example', 'https://b.example:8444']);
    expect(config.ICE_SERVERS).toEqual([{ urls: ['stun:s'] }]);
    expect(faults({ AUTH: 'open', PLAIN_HTTP: 'true', ICE_SERVERS: '[{"url":"stun:s"}]' })).toEqual(['ICE_SERVERS']);
  });
});
