/** The certificate of the gateways: yours, or a self-signed one that is made once and renewed before it ends. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';

import { UserError } from './say.mjs';

/** @typedef {{ certFile: string, keyFile: string }} Tls */

const dayMs = 24 * 60 * 60_000;
/** Safari refuses certificates that last much longer, self-signed ones too. */
const validDays = 397;
const renewBeforeDays = 30;

/**
 * @param {import('./context.mjs').Context} context
 * @param {{ dataDir: string, names: readonly string[] }} options `names`: host names and addresses it is for
 * @returns {Promise<Tls>}
 */
export async function ensureCertificate({ env, say }, { dataDir, names }) {
  const given = givenFiles(env);
  if (given !== undefined) return given;
  const dir = join(dataDir, 'tls');
  const files = { certFile: join(dir, 'cert.pem'), keyFile: join(dir, 'key.pem') };
  if (isGood(files, names)) return files;
  say.step('Making a self-signed certificate');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  await make(files, names);
  return files;
}

/** @param {NodeJS.ProcessEnv} env @returns {Tls | undefined} */
function givenFiles({ TLS_CERT_FILE, TLS_KEY_FILE }) {
  if (!TLS_CERT_FILE && !TLS_KEY_FILE) return undefined;
  if (!TLS_CERT_FILE || !TLS_KEY_FILE) throw new UserError('TLS_CERT_FILE and TLS_KEY_FILE belong together: set both.');
  const files = { certFile: resolve(TLS_CERT_FILE), keyFile: resolve(TLS_KEY_FILE) };
  const fault = faultOf(files);
  if (fault !== undefined) throw new UserError(`TLS_CERT_FILE and TLS_KEY_FILE can't be used: ${fault}.`);
  return files;
}

/** @param {Tls} files @returns {string | undefined} */
function faultOf({ certFile, keyFile }) {
  for (const file of [certFile, keyFile]) if (!existsSync(file)) return `there is no file ${file}`;
  try {
    const certificate = new X509Certificate(readFileSync(certFile));
    if (!certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile))))
      return 'the key is of another certificate';
    return Date.parse(certificate.validTo) < Date.now() ? 'the certificate has expired' : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @param {Tls} files @param {readonly string[]} names */
function isGood(files, names) {
  if (faultOf(files) !== undefined) return false;
  const certificate = new X509Certificate(readFileSync(files.certFile));
  if (Date.parse(certificate.validTo) < Date.now() + renewBeforeDays * dayMs) return false;
  return names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined);
}

/** @param {Tls} files @param {readonly string[]} names */
async function make({ certFile, keyFile }, names) {
  const { generate } = await import('selfsigned');
  const key = oldKey(keyFile);
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - dayMs),
    notAfterDate: new Date(Date.now() + validDays * dayMs),
    ...(key === undefined ? {} : { keyPair: key }),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name })),
      },
    ],
  });
  // The key first: whoever sees the new certificate finds its key.
  replace(keyFile, pems.private, 0o600);
  replace(certFile, pems.cert, 0o644);
}

/** @param {string} keyFile @returns {{ privateKey: string, publicKey: string } | undefined} */
function oldKey(keyFile) {
  try {
    const key = createPrivateKey(readFileSync(keyFile));
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
    const privateKey = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { privateKey, publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString() };
  } catch {
    return undefined;
  }
}

/** @param {string} file @param {string} text @param {number} mode */
function replace(file, text, mode) {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}
