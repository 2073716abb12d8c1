import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import {
  clusterFields,
  ConfigError,
  describeConfig,
  loadConfig,
  logAddress,
  Secret,
  secretString,
} from '../src/index.ts';

const schema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8443).meta({ example: '8443' }),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'is not a redis:// address' })
    .meta({ example: 'redis://localhost' }),
  JWT_ISSUER: z.string().optional(),
  JWT_SECRET: secretString({ example: 'a long random text' }).optional(),
});
const good = { REDIS_URL: 'redis://localhost:6379' };

function faultsOf(env: Record<string, string>, argv: string[] = []) {
  try {
    loadConfig(schema, { env, argv });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('loadConfig', () => {
  const dirs: string[] = [];
  afterEach(() => dirs.splice(0).forEach((dir) => rmSync(dir, { recursive: true })));
  const fileWith = (text: string) => {
    const dir = mkdtempSync(join(tmpdir(), 'service-kit-'));
    dirs.push(dir);
    writeFileSync(join(dir, 'secret'), text);
    return join(dir, 'secret');
  };

  it('reads the environment and fills in defaults', () => {
    expect(loadConfig(schema, { env: good, argv: [] })).toEqual({ PORT: 8443, REDIS_URL: good.REDIS_URL });
  });

  it('lets a flag win over the environment, with a space or an equals sign', () => {
    expect(loadConfig(schema, { env: { ...good, PORT: '1' }, argv: ['--port', '2'] }).PORT).toBe(2);
    expect(loadConfig(schema, { env: good, argv: ['--jwt-issuer=us', '--port=3'] })).toMatchObject({
      JWT_ISSUER: 'us',
      PORT: 3,
    });
  });

  it('takes an empty variable for an unset one', () => {
    expect(loadConfig(schema, { env: { ...good, PORT: '', JWT_ISSUER: '' }, argv: [] }).PORT).toBe(8443);
  });

  it('lists every fault at once, with name, problem and example', () => {
    const error = faultsOf({ PORT: '99999' }, ['--prot', '1', '--port', '70000', 'stray']);
    expect(error.faults.map((fault) => fault.name).sort()).toEqual(['--prot', 'PORT', 'REDIS_URL', 'stray']);
    expect(error.message).toContain('REDIS_URL: is missing (example: redis://localhost)');
    expect(error.message).toMatch(/PORT: .*65535.*\(got "70000"\) \(example: 8443\)/);
    expect(error.message).toContain('--prot: is not a flag of this program');
  });

  it('reads a secret from the file that X_FILE names', () => {
    const config = loadConfig(schema, { env: { ...good, JWT_SECRET_FILE: fileWith('s3cret\n') }, argv: [] });
    expect(config.JWT_SECRET?.reveal()).toBe('s3cret');
    expect(JSON.stringify(config)).not.toContain('s3cret');
  });

  it('refuses a secret that is given twice or whose file is missing, each as one fault', () => {
    expect(faultsOf({ ...good, JWT_SECRET: 'a', JWT_SECRET_FILE: fileWith('b') }).faults).toHaveLength(1);
    const missing = faultsOf({ ...good, JWT_SECRET_FILE: '/nowhere/secret' });
    expect(missing.message).toContain("JWT_SECRET_FILE: can't be read (ENOENT)");
  });

  it('refuses an empty secret file', () => {
    expect(faultsOf({ ...good, JWT_SECRET_FILE: fileWith('\n') }).faults[0]?.name).toBe('JWT_SECRET');
  });

  it('takes no secret as a flag, where any user of the machine could read it', () => {
    expect(faultsOf(good, ['--jwt-secret', 'hush']).message).toContain('--jwt-secret: is not a flag');
  });

  it('never shows the value of a wrong secret', () => {
    const strict = z.object({ API_TOKEN: z.string().min(40).meta({ secret: true }) });
    expect(() => loadConfig(strict, { env: { API_TOKEN: 'hush' }, argv: [] })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hush') }),
    );
  });

  it('describes its variables for help texts and documents', () => {
    expect(describeConfig(schema)).toContainEqual(
      expect.objectContaining({ name: 'REDIS_URL', flag: '--redis-url', required: true, secret: false }),
    );
    expect(describeConfig(schema)).toContainEqual(
      expect.objectContaining({ name: 'JWT_SECRET', required: false, secret: true }),
    );
  });

  it('wraps what secretString() reads', () => {
    const config = loadConfig(schema, { env: { ...good, JWT_SECRET: 'x' }, argv: [] });
    expect(config.JWT_SECRET).toBeInstanceOf(Secret);
  });
});

describe('the address of the log', () => {
  const cluster = z.object(clusterFields);
  const load = (env: Record<string, string>) => loadConfig(cluster, { env, argv: [] });

  it('may be any topology, with its secrets, and is never shown', () => {
    const url = 'redis+sentinel://:hush@h1,h2/main';
    const config = load({ REDIS_URL: url, REDIS_CA: 'pem', REDIS_SENTINEL_PASSWORD: 'psst' });
    expect(logAddress(config)).toEqual({ url, namespace: 'switchboard', ca: 'pem', sentinelPassword: 'psst' });
    expect(JSON.stringify(config) + String(config.REDIS_URL)).not.toMatch(/hush|psst/);
    expect(logAddress(load({}))).toEqual({ url: 'redis://127.0.0.1:6379', namespace: 'switchboard' });
  });

  it('is refused by its fault, without its password', () => {
    expect(() => load({ REDIS_URL: 'redis+sentinel://:hush@h1,h2' })).toThrow(
      /REDIS_URL: does not name the servers that the sentinels watch/,
    );
    expect(() => load({ REDIS_URL: 'redis://:hush@h1,h2' })).not.toThrow(/hush/);
  });
});
