import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { tryLock } from '../../scripts/lib/lock.mjs';
import { ensureCertificate } from '../../scripts/lib/tls.mjs';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'switchboard-setup-'))));
afterEach(() => rmSync(dir, { recursive: true }));

describe('the certificate', () => {
  const names = ['localhost', '127.0.0.1', '::1'];
  const ensure = (env: Record<string, string> = {}, wanted = names) =>
    ensureCertificate({ env, say: { step: () => undefined } }, { dataDir: dir, names: wanted });

  it('is made once, for all names of loopback, with a key only its owner can read', async () => {
    const { certFile, keyFile } = await ensure();
    const text = readFileSync(certFile, 'utf8');
    const certificate = new X509Certificate(text);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    for (const address of ['127.0.0.1', '::1']) expect(certificate.checkIP(address)).toBe(address);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    await ensure();
    expect(readFileSync(certFile, 'utf8')).toBe(text);
  });

  it('is renewed with the same key when a name is missing in it', async () => {
    const before = await ensure();
    const key = new X509Certificate(readFileSync(before.certFile)).publicKey;
    const { certFile } = await ensure({}, [...names, '192.0.2.1']);
    const certificate = new X509Certificate(readFileSync(certFile));
    expect(certificate.checkIP('192.0.2.1')).toBe('192.0.2.1');
    expect(certificate.publicKey.equals(key)).toBe(true);
  });

  it('can be your own, and is refused when its files are missing or do not fit', async () => {
    const { certFile, keyFile } = await ensure();
    const own = { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile };
    expect(await ensure(own)).toEqual({ certFile, keyFile });
    await expect(ensure({ TLS_CERT_FILE: certFile })).rejects.toThrow('set both');
    await expect(ensure({ ...own, TLS_KEY_FILE: '/nowhere' })).rejects.toThrow('no file /nowhere');
    await expect(ensure({ ...own, TLS_KEY_FILE: certFile })).rejects.toThrow("can't be used");
  });
});

describe('the lock of a data folder', () => {
  it('is held by one, and free again after', () => {
    const file = join(dir, 'lock');
    const first = tryLock(file);
    expect(tryLock(file)).toEqual({ owner: process.pid });
    if ('release' in first) first.release();
    const again = tryLock(file);
    expect(again).toHaveProperty('release');
    if ('release' in again) again.release();
  });

  it('is taken over from an owner who is dead', () => {
    const file = join(dir, 'lock');
    writeFileSync(file, '4194304\n');
    const lock = tryLock(file);
    expect(lock).toHaveProperty('release');
    if ('release' in lock) lock.release();
  });
});
