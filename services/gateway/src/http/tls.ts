/**
 * The web server, with a certificate that is read again when its files change. Invariant: a pair that does not fit together
 * or cannot be read is logged, and the one before it stays in use.
 */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server as TlsServer } from 'node:tls';
import type { Clock } from '@switchboard/event-log';
import type { Logger } from '@switchboard/service-kit';

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface WebServer {
  readonly server: Server;
  /** Ends the watch over the certificate. */
  stop(): void;
}

const POLL_MS = 1000;
const MIN_VERSION = 'TLSv1.2';

export function createPlain(app: RequestListener): WebServer {
  return { server: createPlainServer(app), stop: () => undefined };
}

/** @throws if certificate and key cannot be read or do not belong together */
export async function createTls(
  app: RequestListener,
  files: CertificateFiles,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<WebServer> {
  const seen = await fingerprint(files);
  const server = createTlsServer({ ...(await readPair(files)), minVersion: MIN_VERSION }, app);
  return { server, stop: watch({ server, files, seen, clock, logger }) };
}

interface Watch {
  readonly server: TlsServer;
  readonly files: CertificateFiles;
  readonly seen: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Polls: files that are swapped by a symlink (as Kubernetes does) or lie on a network disk send no events. */
function watch({ server, files, seen, clock, logger }: Watch): () => void {
  let known = seen;
  let stopped = false;
  const look = async () => {
    const now = await fingerprint(files).catch(() => 'unreadable');
    if (now !== known) {
      known = now;
      await reload(server, files, logger);
    }
    if (!stopped) cancel = clock.timer(POLL_MS, () => void look());
  };
  let cancel = clock.timer(POLL_MS, () => void look());
  return () => {
    stopped = true;
    cancel();
  };
}

async function reload(server: TlsServer, files: CertificateFiles, logger: Logger): Promise<void> {
  try {
    const pair = await readPair(files);
    server.setSecureContext({ ...pair, minVersion: MIN_VERSION });
    logger.info({ until: new X509Certificate(pair.cert).validTo }, 'a new certificate is in use');
  } catch (err) {
    logger.error({ err }, 'the new certificate cannot be used: the old one stays');
  }
}

async function readPair({ certFile, keyFile }: CertificateFiles): Promise<{ cert: Buffer; key: Buffer }> {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    throw new Error('certificate and private key do not belong together');
  }
  return { cert, key };
}

async function fingerprint({ certFile, keyFile }: CertificateFiles): Promise<string> {
  const stats = await Promise.all([stat(certFile), stat(keyFile)]);
  return stats.map(({ mtimeMs, size, ino }) => [mtimeMs, size, ino].join(':')).join(' ');
}
