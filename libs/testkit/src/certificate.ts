/** A certificate of its own for a test: for `localhost` and 127.0.0.1, signed by itself. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM; it is its own authority. */
  readonly cert: string;
  remove(): Promise<void>;
}

export async function makeCertificate(): Promise<Certificate> {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-tls-'));
  const altNames = [
    { type: 2, value: 'localhost' },
    { type: 7, ip: '127.0.0.1' },
  ] as const;
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [...altNames] }],
  });
  const [certFile, keyFile] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  await Promise.all([writeFile(certFile, pems.cert), writeFile(keyFile, pems.private)]);
  return { certFile, keyFile, cert: pems.cert, remove: () => rm(dir, { recursive: true, force: true }) };
}
