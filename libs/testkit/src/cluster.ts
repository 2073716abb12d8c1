/** A whole Switchboard of real processes for a test: Redis, media servers, workers, orchestrators, gateways, over TLS. */
import { makeCertificate, type Certificate } from './certificate.ts';
import { freePort } from './ports.ts';
import { startRedis, type RedisSite, type RunningRedis } from './redis-launcher.ts';
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

export interface Cluster<R extends RedisSite = RunningRedis> {
  readonly redis: R;
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

type AnyOptions = ClusterOptions & { readonly redis?: RedisSite };

/** `redis`: any that was started for it, undefined: a single server; `stop` ends it too. */
export function startCluster(options?: ClusterOptions): Promise<Cluster>;
export function startCluster<R extends RedisSite>(options: ClusterOptions & { readonly redis: R }): Promise<Cluster<R>>;
export async function startCluster(options: AnyOptions = {}): Promise<Cluster<RedisSite>> {
  const partitions = options.partitions ?? 8;
  const tls = await makeCertificate();
  const redis = options.redis ?? (await startRedis());
  const shared = { ...envOf(redis), PARTITIONS: String(partitions), ...options.env };
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
    await tls.remove();
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
      env: { ...shared, ...envOfTls(tls), ...open, PORT: String(ports[index]), ...options.gatewayEnv },
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

const envOf = (redis: RedisSite) => ({ REDIS_URL: redis.url, ...redis.env, NAMESPACE, LOG_LEVEL: 'info' });

const envOfTls = (tls: Certificate) => ({ TLS_CERT_FILE: tls.certFile, TLS_KEY_FILE: tls.keyFile });

function addresses(gateways: readonly ServiceProcess[]): Pick<Cluster, 'page' | 'socket'> {
  const page = (index = 0) => pageAt(gateways[index]?.port);
  return { page, socket: (index = 0) => `${page(index).replace('https', 'wss')}/videoCall` };
}

const pageAt = (port: number | undefined): string => `https://localhost:${String(port)}`;
