import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { UserID } from '@switchboard/protocol';
import { Secret } from '@switchboard/service-kit';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJwtVerifier } from '../src/auth/jwt.ts';
import { authorize, type VerifyToken } from '../src/auth/verifier.ts';

const text = 'a secret of thirty-two bytes at least';
const key = new TextEncoder().encode(text);
const rules = { issuer: 'chat', audience: 'calls' };
const ann = 'ann' as UserID;

interface Claims {
  sub?: string;
  iss?: string;
  aud?: string;
  exp?: string | number;
}

function builder({ sub = 'ann', iss = 'chat', aud = 'calls', exp = '5m' }: Claims = {}): SignJWT {
  const jwt = new SignJWT({}).setIssuer(iss).setAudience(aud).setExpirationTime(exp);
  return sub === '' ? jwt : jwt.setSubject(sub);
}
const hs256 = async (claims?: Claims) =>
  new Secret(await builder(claims).setProtectedHeader({ alg: 'HS256' }).sign(key));

describe('a token by secret', () => {
  const verify = createJwtVerifier({ ...rules, keys: { secret: new Secret(text) } });

  it('names its user', async () => {
    expect(await verify(await hs256())).toEqual({ kind: 'valid', subject: 'ann' });
  });

  it.each<[string, Claims, RegExp]>([
    ['expired', { exp: 1 }, /expired/],
    ['for another audience', { aud: 'mail' }, /aud/],
    ['of another issuer', { iss: 'eve' }, /iss/],
    ['without a subject', { sub: '' }, /sub/],
  ])('%s is refused', async (_name, claims, why) => {
    expect(await verify(await hs256(claims))).toEqual({ kind: 'refused', why: expect.stringMatching(why) });
  });

  it('without an expiry is refused', async () => {
    const jwt = new SignJWT({}).setIssuer('chat').setAudience('calls').setSubject('ann');
    const token = new Secret(await jwt.setProtectedHeader({ alg: 'HS256' }).sign(key));
    expect(await verify(token)).toEqual({ kind: 'refused', why: expect.stringMatching(/exp/) });
  });

  it('signed with another key, by another algorithm, by none, or no token at all is refused', async () => {
    const none = new UnsecuredJWT({}).setIssuer('chat').setAudience('calls').setSubject('ann').setExpirationTime('5m');
    const tokens = [
      await builder().setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(text.toUpperCase())),
      await builder().setProtectedHeader({ alg: 'HS512' }).sign(key),
      none.encode(),
      'nonsense',
      '',
    ];
    for (const token of tokens) expect(await verify(new Secret(token))).toMatchObject({ kind: 'refused' });
  });

  it('must be for the user that logs in; with two, both', async () => {
    const [anns, eves] = [await hs256(), await hs256({ sub: 'eve' })];
    expect(await authorize(verify, ann, [anns, undefined])).toEqual({ kind: 'granted' });
    expect(await authorize(verify, ann, [anns, await hs256({ exp: '9m' })])).toEqual({ kind: 'granted' });
    expect(await authorize(verify, ann, [eves])).toMatchObject({ kind: 'refused' });
    expect(await authorize(verify, ann, [anns, eves])).toMatchObject({ kind: 'refused' });
    expect(await authorize(verify, ann, [eves, anns])).toMatchObject({ kind: 'refused' });
    expect(await authorize(verify, ann, [undefined, undefined])).toMatchObject({ kind: 'refused' });
  });

  it('means nothing with AUTH=open', async () => {
    expect(await authorize(undefined, ann, [new Secret('nonsense')])).toEqual({ kind: 'granted' });
  });
});

describe('a token by JWKS', () => {
  let server: Server;
  let url: string;
  let privateKey: CryptoKey;
  let verify: VerifyToken;
  let keySet: unknown;

  beforeAll(async () => {
    const pair = await generateKeyPair('ES256');
    privateKey = pair.privateKey;
    keySet = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' }] };
    server = createServer((request, response) => {
      response.writeHead(request.url === '/jwks.json' ? 200 : 500, { 'content-type': 'application/json' });
      response.end(JSON.stringify(keySet));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    verify = createJwtVerifier({ ...rules, keys: { jwksUrl: `${url}/jwks.json` } });
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('names its user', async () => {
    const token = await builder().setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(privateKey);
    expect(await verify(new Secret(token))).toEqual({ kind: 'valid', subject: 'ann' });
  });

  it('by an unknown key, or with HS256 over the public key, is refused', async () => {
    const other = (await generateKeyPair('ES256')).privateKey;
    const tokens = [
      await builder().setProtectedHeader({ alg: 'ES256', kid: 'k2' }).sign(other),
      await builder().setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(other),
      await builder()
        .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
        .sign(new TextEncoder().encode(JSON.stringify(keySet))),
    ];
    for (const token of tokens) expect(await verify(new Secret(token))).toMatchObject({ kind: 'refused' });
  });

  it.each(['/broken', undefined])('keys that cannot be fetched (%s) are no fault of the token', async (path) => {
    const jwksUrl = path === undefined ? 'http://127.0.0.1:1/jwks.json' : `${url}${path}`;
    const token = await builder().setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(privateKey);
    const away = createJwtVerifier({ ...rules, keys: { jwksUrl } });
    expect(await away(new Secret(token))).toMatchObject({ kind: 'unavailable' });
    expect(await authorize(away, ann, [new Secret(token)])).toMatchObject({ kind: 'unavailable' });
  });
});
