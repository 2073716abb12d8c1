/** What is served over HTTP and HTTPS, and tokens at the handshake. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { eventually } from '@switchboard/testkit';
import { SignJWT } from 'jose';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, refusal } from './support/client.ts';
import { testGateway, type TestGateway } from './support/cluster.ts';

let dir: string;
let gateway: TestGateway;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gateway-'));
});
afterEach(async () => {
  await gateway.stop();
  rmSync(dir, { recursive: true });
});

async function pair(name: string): Promise<{ cert: string; private: string }> {
  return generate([{ name: 'commonName', value: name }], { keySize: 2048 });
}

function servedName(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.end();
    });
    socket.once('error', reject);
  });
}

describe('TLS', () => {
  it('a new certificate is used without a restart; a broken one is not, and the old one stays', async () => {
    const [one, two] = [await pair('one'), await pair('two')];
    const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    const put = (files: { cert: string; private: string }) => {
      writeFileSync(cert, files.cert);
      writeFileSync(key, files.private);
    };
    put(one);
    gateway = await testGateway({ env: { PLAIN_HTTP: 'false', TLS_CERT_FILE: cert, TLS_KEY_FILE: key } });
    expect(gateway.url).toMatch(/^https:/);
    const before = await connect(gateway.url, { rejectUnauthorized: false });
    expect(await servedName(gateway.port)).toBe('one');
    put(two);
    await eventually('the new certificate', async () => (await servedName(gateway.port)) === 'two');
    writeFileSync(cert, 'nonsense');
    writeFileSync(cert, one.cert);
    const another = eventually('another', async () => (await servedName(gateway.port)) !== 'two', 2500);
    await expect(another).rejects.toThrow('another');
    put(one);
    await eventually('the first certificate again', async () => (await servedName(gateway.port)) === 'one');
    await before.settled();
    expect(before.ws.readyState).toBe(before.ws.OPEN);
  });

  it('does not start with a key that does not fit', async () => {
    const [one, two] = [await pair('one'), await pair('two')];
    writeFileSync(join(dir, 'cert.pem'), one.cert);
    writeFileSync(join(dir, 'key.pem'), two.private);
    const files = { TLS_CERT_FILE: join(dir, 'cert.pem'), TLS_KEY_FILE: join(dir, 'key.pem') };
    await expect(testGateway({ env: { PLAIN_HTTP: 'false', ...files } })).rejects.toThrow(/belong together/);
    gateway = await testGateway();
  });
});

describe('the page', () => {
  beforeEach(async () => {
    mkdirSync(join(dir, 'assets'));
    writeFileSync(join(dir, 'index.html'), '<title>phone</title>');
    writeFileSync(join(dir, 'assets', 'app-1a2b.js'), '1');
    gateway = await testGateway({ env: { WEB_DIR: dir, GATEWAYS: 'https://gw2.example:8444' } });
  });

  it('is served with fitting headers, its assets for ever, itself never from a cache', async () => {
    const page = await fetch(gateway.url);
    expect(await page.text()).toContain('phone');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const policy = page.headers.get('content-security-policy');
    for (const part of ['wss://gw2.example:8444', 'https://gw2.example:8444', "script-src 'self'", 'blob:'])
      expect(policy).toContain(part);
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(page.headers.get('permissions-policy')).toContain('camera=(self)');
    expect(page.headers.get('strict-transport-security')).toBeNull();
    expect(page.headers.get('x-powered-by')).toBeNull();
    const asset = await fetch(`${gateway.url}/assets/app-1a2b.js`);
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect((await fetch(`${gateway.url}/assets/gone.js`)).status).toBe(404);
    expect((await fetch(`${gateway.url}/some/route`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/..%2f..%2fetc/passwd`)).status).not.toBe(200);
    rmSync(join(dir, 'index.html'));
    const gone = await fetch(`${gateway.url}/some/route`);
    expect([gone.status, await gone.text()], 'and no word about our folders').toEqual([404, 'Not Found']);
  });

  it('learns from /config.json what it needs, also on a page of another gateway, but no foreign one', async () => {
    const ask = (origin: string) => fetch(`${gateway.url}/config.json`, { headers: { origin } });
    const own = await ask('https://gw2.example:8444');
    expect(await own.json()).toEqual({ gateways: ['https://gw2.example:8444'], auth: 'open', iceServers: [] });
    expect(own.headers.get('access-control-allow-origin')).toBe('https://gw2.example:8444');
    expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('health is public, metrics are not', async () => {
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${gateway.url}/readyz`)).json()).toEqual({ ready: true });
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).not.toContain('switchboard_gateway');
    expect(await gateway.metrics()).toContain('switchboard_gateway_sockets 0');
  });
});

describe('AUTH=jwt', () => {
  const secret = 'a secret of thirty-two bytes at least';
  const token = (sub: string, exp: string | number = '5m') =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(sub)
      .setIssuer('chat')
      .setAudience('calls')
      .setExpirationTime(exp)
      .sign(new TextEncoder().encode(secret));

  beforeEach(async () => {
    gateway = await testGateway({
      env: { AUTH: 'jwt', JWT_SECRET: secret, JWT_ISSUER: 'chat', JWT_AUDIENCE: 'calls' },
    });
  });
  const withToken = async (text: string) => connect(gateway.url, {}, `?token=${text}`);

  it('a bad token in the URL is refused before the handshake ends', async () => {
    expect(await refusal(gateway.url, '/videoCall?token=nonsense')).toBe(401);
    expect(await refusal(gateway.url, `/videoCall?token=${await token('ann', 1)}`)).toBe(401);
    expect(await refusal(gateway.url, '/videoCall', { origin: 'http://localhost:3000' })).toBe(403);
    expect(await gateway.metrics()).toMatch(/handshakes_refused_total\{status="401"\} 2/);
  });

  it('a seed client brings it in the URL, and is who it says', async () => {
    const client = await withToken(await token('7'));
    client.send({ type: 'login', userID: 7 });
    await gateway.orchestrator.command('AttachDevice', { userID: '7' });
    const eve = await withToken(await token('7'));
    eve.send({ type: 'login', userID: 'eve' });
    expect(await eve.next()).toMatchObject({ type: 'loginResponse', content: 'rejected' });
  });

  it('a message right behind the login waits for it', async () => {
    const client = await connect(gateway.url);
    const login = { type: 'login', userID: 'ann', capabilities: ['native'], token: await token('ann') };
    client.send(login);
    client.send({ type: 'stop', callID: '1-018bcfe5-6800-7000-8000-000000000001' });
    await gateway.orchestrator.command('AttachDevice', { userID: 'ann' });
    expect(await client.next()).toMatchObject({ type: 'error', code: 'no_such_call' });
  });

  it('without a token, or with two that differ, there is no login, and the socket may try again', async () => {
    const client = await withToken(await token('ann'));
    client.send({ type: 'login', userID: 'ann', token: await token('eve') });
    expect(await client.next()).toMatchObject({ content: 'rejected', error: expect.stringContaining('auth_failed') });
    client.send({ type: 'login', userID: 'ann' });
    await gateway.orchestrator.command('AttachDevice', { userID: 'ann' });
    const none = await connect(gateway.url);
    none.send({ type: 'login', userID: 'ann' });
    expect(await none.next()).toMatchObject({ content: 'rejected' });
  });
});
