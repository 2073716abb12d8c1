/** A whole Switchboard of real processes for a test: Redis, media servers, workers, orchestrators, gateways, over TLS. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { freePort } from './ports.ts';
import { startRedis, type RunningRedis } from './redis-launcher.ts';
import { ServiceProcess, type ServiceSpec } from './service-process.ts';

export interface ClusterOptions {
  readonly gateways?: number;
  readonly orchestrators?: number;
  readonly workers?: number;
  /** Settings for every process, and for one kind of process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly gatewayEnv?: Readonly<Record<string, string>>;
  readonly orchestratorEnv?: Readonly<Record<string, string>>;
  readonly workerEnv?: Readonly<Record<string, string>>;
  readonly partitions?: number;
}

export interface Cluster {
  readonly redis: RunningRedis;
  readonly namespace: string;
  readonly partitions: number;
  readonly mediaServers: ServiceProcess[];
  readonly workers: ServiceProcess[];
  readonly orchestrators: ServiceProcess[];
  readonly gateways: ServiceProcess[];
  /** `https://localhost:<port>` of gateway `index`. */
  page(index?: number): string;
  /** `wss://localhost:<port>/videoCall` of gateway `index`. */
  socket(index?: number): string;
  /** Starts a media server that died again, on its old port: its worker finds it. */
  restartMediaServer(index: number): Promise<void>;
  stop(): Promise<void>;
}

const NAMESPACE = 'test';

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const partitions = options.partitions ?? 8;
  const tls = await makeCertificate();
  const redis = await startRedis();
  const shared = { REDIS_URL: redis.url, NAMESPACE, PARTITIONS: String(partitions), LOG_LEVEL: 'info', ...options.env };
  const started: ServiceProcess[] = [];
  const start = async (spec: ServiceSpec) => {
    const running = await ServiceProcess.start(spec);
    started.push(running);
    return running;
  };
  const many = (count: number, spec: (index: number) => ServiceSpec) =>
    Promise.all(Array.from({ length: count }, (_, index) => start(spec(index))));
  const stop = async () => {
    await Promise.all(started.reverse().map((each) => each.stop().catch(() => each.kill())));
    await redis.stop();
    await rm(tls.dir, { recursive: true, force: true });
  };
  try {
    const mediaServers = await many(options.workers ?? 2, () => ({
      package: 'libs/media-server',
      env: {},
      args: ['--port', '0'],
    }));
    const workers = await many(options.workers ?? 2, (index) => ({
      package: 'services/media-worker',
      env: {
        ...shared,
        KMS_URL: `ws://127.0.0.1:${String(mediaServers[index]?.port)}/kurento`,
        WORKER_ID: `worker-${String(index + 1)}`,
        ...options.workerEnv,
      },
    }));
    const orchestrators = await many(options.orchestrators ?? 2, () => ({
      package: 'services/call-orchestrator',
      env: { ...shared, ...options.orchestratorEnv },
    }));
    const ports = await Promise.all(Array.from({ length: options.gateways ?? 2 }, () => freePort()));
    const open = { AUTH: 'open', WEB_DIR: 'apps/web/dist', GATEWAYS: ports.map(pageAt).join() };
    const gateways = await many(ports.length, (index) => ({
      package: 'services/gateway',
      env: { ...shared, ...tls.env, ...open, PORT: String(ports[index]), ...options.gatewayEnv },
    }));
    const restartMediaServer = async (index: number) => {
      const port = String(mediaServers[index]?.port);
      mediaServers[index] = await start({ package: 'libs/media-server', env: {}, args: ['--port', port] });
    };
    const parts = { redis, namespace: NAMESPACE, partitions, mediaServers, workers, orchestrators, gateways };
    return { ...parts, ...addresses(gateways), restartMediaServer, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addresses(gateways: readonly ServiceProcess[]): Pick<Cluster, 'page' | 'socket'> {
  const page = (index = 0) => pageAt(gateways[index]?.port);
  return { page, socket: (index = 0) => `${page(index).replace('https', 'wss')}/videoCall` };
}

const pageAt = (port: number | undefined): string => `https://localhost:${String(port)}`;

async function makeCertificate(): Promise<{ dir: string; env: { TLS_CERT_FILE: string; TLS_KEY_FILE: string } }> {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-tls-'));
  const altNames = [
    { type: 2, value: 'localhost' },
    { type: 7, ip: '127.0.0.1' },
  ] as const;
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [...altNames] }],
  });
  const env = { TLS_CERT_FILE: join(dir, 'cert.pem'), TLS_KEY_FILE: join(dir, 'key.pem') };
  await Promise.all([writeFile(env.TLS_CERT_FILE, pems.cert), writeFile(env.TLS_KEY_FILE, pems.private)]);
  return { dir, env };
}
