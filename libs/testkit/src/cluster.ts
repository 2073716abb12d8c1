/** A whole Switchboard of real processes for a test: Redis, media servers, workers, orchestrators, gateways, over TLS. */
import { makeCertificate, type Certificate } from './certificate.ts';
import { freePort } from './ports.ts';
import { Processes, type Link } from './processes.ts';
import { startRedis, type RedisSite, type RunningRedis } from './redis-launcher.ts';
import type { ServiceProcess } from './service-process.ts';

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
  /** Every process reaches Redis and its media server by a way that a test can spoil (`Cluster.links`). */
  readonly proxied?: boolean;
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
  /** Empty unless it is `proxied`. */
  readonly links: readonly Link[];
  /** Starts a process that died again, on its old port, as a supervisor does; it takes its place in the list. */
  restart(died: ServiceProcess): Promise<ServiceProcess>;
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
  const settings = { NAMESPACE, PARTITIONS: String(partitions), LOG_LEVEL: 'info' };
  const shared = { ...redis.env, ...settings, ...options.env };
  const processes = new Processes(options.proxied ?? false);
  const sharedBy = async (name: string) => ({
    REDIS_URL: await processes.wayTo(`${name} to Redis`, redis.url),
    ...shared,
  });
  const stop = async () => {
    await processes.stop();
    await redis.stop();
    await tls.remove();
  };
  try {
    const mediaServers = await processes.start(options.workers ?? 2, () =>
      Promise.resolve({ package: 'libs/media-server', env: {}, args: ['--port', '0'] }),
    );
    const workers = await processes.start(options.workers ?? 2, async (index) => {
      const name = `worker-${String(index + 1)}`;
      const kms = `ws://127.0.0.1:${String(mediaServers[index]?.port)}/kurento`;
      const way = await processes.wayTo(`${name} to its media server`, kms);
      const own = { KMS_URL: way, WORKER_ID: name, ...options.workerEnv };
      return { package: 'services/media-worker', env: { ...(await sharedBy(name)), ...own } };
    });
    const orchestrators = await processes.start(options.orchestrators ?? 2, async (index) => {
      const env = { ...(await sharedBy(`orchestrator-${String(index + 1)}`)), ...options.orchestratorEnv };
      return { package: 'services/call-orchestrator', env };
    });
    const ports = await Promise.all(Array.from({ length: options.gateways ?? 2 }, () => freePort()));
    const open = { AUTH: 'open', WEB_DIR: 'apps/web/dist', GATEWAYS: ports.map(pageAt).join() };
    const gateways = await processes.start(ports.length, async (index) => {
      const own = { ...envOf(tls), ...open, PORT: String(ports[index]), ...options.gatewayEnv };
      return { package: 'services/gateway', env: { ...(await sharedBy(`gateway-${String(index + 1)}`)), ...own } };
    });
    const restart = (died: ServiceProcess) => processes.restart(died);
    const parts = { redis, namespace: NAMESPACE, partitions, mediaServers, workers, orchestrators, gateways };
    return { ...parts, ...addresses(gateways), links: processes.links, restart, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const envOf = (tls: Certificate) => ({ TLS_CERT_FILE: tls.certFile, TLS_KEY_FILE: tls.keyFile });

function addresses(gateways: readonly ServiceProcess[]): Pick<Cluster, 'page' | 'socket'> {
  const page = (index = 0) => pageAt(gateways[index]?.port);
  return { page, socket: (index = 0) => `${page(index).replace('https', 'wss')}/videoCall` };
}

const pageAt = (port: number | undefined): string => `https://localhost:${String(port)}`;
