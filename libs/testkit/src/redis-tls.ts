/** A Redis that speaks TLS with a certificate of its own, to clients who know its password. */
import { makeCertificate } from './certificate.ts';
import { freePort } from './ports.ts';
import { startRedis, type RunningRedis } from './redis-launcher.ts';

export interface RunningTlsRedis extends RunningRedis {
  /** What signed its certificate, PEM. */
  readonly ca: string;
}

export async function startTlsRedis(password: string): Promise<RunningTlsRedis> {
  const certificate = await makeCertificate();
  const { certFile, keyFile, cert } = certificate;
  const port = await freePort();
  const tls = ['--tls-port', String(port), '--tls-cert-file', certFile, '--tls-key-file', keyFile];
  const redis = await startRedis({
    password,
    args: [...tls, '--tls-ca-cert-file', certFile, '--tls-auth-clients', 'no'],
  });
  return {
    ...redis,
    port,
    ca: cert,
    url: `rediss://:${encodeURIComponent(password)}@localhost:${String(port)}`,
    env: { REDIS_CA_FILE: certFile },
    stop: async () => {
      await redis.stop();
      await certificate.remove();
    },
  };
}
