/**
 * What runs in the cluster of `npm start`, as stages: each is started when the one before is ready, and stopped in
 * the opposite order.
 */
import { isIPv6 } from 'node:net';
import { join } from 'node:path';

import { environmentFor } from './env.mjs';

/** @typedef {import('./supervisor.mjs').ChildSpec} ChildSpec */
/** @typedef {import('./supervisor.mjs').ReadyInfo} ReadyInfo */

/**
 * @typedef {object} PlanInput
 * @property {string} root
 * @property {import('./options.mjs').StartOptions} options
 * @property {NodeJS.ProcessEnv} env the person's
 * @property {{ url: string, child?: ChildSpec }} redis
 * @property {import('./tls.mjs').Tls} tls
 */

const readyDeadlineMs = 60_000;
const stopGraceMs = 10_000;
/** Its clients move to another one first, over 10 s at most. */
const gatewayStopGraceMs = 20_000;

const cluster = ['LOG_LEVEL', 'NAMESPACE', 'PARTITIONS', 'REDIS_CA*', 'REDIS_SENTINEL_*'];
/** For JWT_JWKS_URL. */
const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];
const sockets = [
  'RATE_PER_SECOND',
  'RATE_BURST',
  'MAX_FRAME_BYTES',
  'HEARTBEAT_MS',
  'SEND_BUFFER_BYTES',
  'RECONNECT_WINDOW_MS',
];

/**
 * What a person may set for all processes of a kind (its `src/config.ts` says what each means). Left out is what is set
 * here for each process: PORT, HOST, WORKER_ID, …
 */
const settings = {
  'libs/media-server': ['LOG_LEVEL', 'MEDIA_SERVER_*'],
  'services/media-worker': [...cluster, 'HEALTH_HOST', 'REGION', 'CAPACITY', 'KMS_DEADLINE_MS'],
  'services/call-orchestrator': [
    ...cluster,
    'HEALTH_HOST',
    'RING_MS',
    'SETUP_MS',
    'GRACE_MS',
    'MAX_CALL_MS',
    'OFFLINE_CALLEE',
    'LEASE_MS',
  ],
  'services/gateway': [...cluster, 'JWT_*', ...proxies, 'ALLOWED_ORIGINS', 'ICE_SERVERS', ...sockets],
};

/** @param {PlanInput} input @returns {ChildSpec[][]} */
export function makePlan(input) {
  const { redis, options } = input;
  const stages = [
    redis.child === undefined ? [] : [redis.child],
    options.kms.length > 0 ? [] : times(options.workers, (n) => mediaServer(input, n)),
    times(options.workers, (n) => mediaWorker(input, n)),
    times(options.orchestrators, (n) => orchestrator(input, n)),
    times(options.gateways, (n) => gateway(input, n)),
  ];
  return stages.filter((stage) => stage.length > 0);
}

/**
 * The addresses for a browser: those that GATEWAYS names, else one per gateway.
 * @param {import('./options.mjs').StartOptions} options
 * @returns {readonly string[]}
 */
export function gatewayUrls({ addresses, publicHost, port, gateways }) {
  if (addresses.length > 0) return addresses;
  const host = isIPv6(publicHost) ? `[${publicHost}]` : publicHost;
  return times(gateways, (n) => `https://${host}:${port + n - 1}`);
}

/** @param {PlanInput} input @param {number} n @returns {ChildSpec} */
function mediaServer(input, n) {
  const name = `media-server-${n}`;
  const spec = service(input, name, 'libs/media-server', () => ({}));
  // Once it has a port it keeps it, so that its worker finds it again.
  return { ...spec, args: (ready) => [...spec.args(ready), '--port', String(ready.get(name)?.port ?? 0)] };
}

/** @param {PlanInput} input @param {number} n */
function mediaWorker(input, n) {
  return service(input, `media-worker-${n}`, 'services/media-worker', (ready) => ({
    REDIS_URL: input.redis.url,
    WORKER_ID: `worker-${n}`,
    KMS_URL: input.options.kms[n - 1] ?? embeddedUrl(ready.get(`media-server-${n}`)),
  }));
}

/** @param {ReadyInfo | undefined} server */
function embeddedUrl(server) {
  return server?.url?.startsWith('ws') ? server.url : `ws://127.0.0.1:${server?.port ?? 0}/kurento`;
}

/** @param {PlanInput} input @param {number} n */
function orchestrator(input, n) {
  return service(input, `orchestrator-${n}`, 'services/call-orchestrator', () => ({ REDIS_URL: input.redis.url }));
}

/** @param {PlanInput} input @param {number} n */
function gateway(input, n) {
  const { options, tls, root, redis } = input;
  const spec = service(input, `gateway-${n}`, 'services/gateway', () => ({
    REDIS_URL: redis.url,
    PORT: String(options.port + n - 1),
    HOST: options.host,
    AUTH: options.auth,
    TLS_CERT_FILE: tls.certFile,
    TLS_KEY_FILE: tls.keyFile,
    WEB_DIR: join(root, 'apps/web/dist'),
    GATEWAYS: gatewayUrls(options).join(','),
  }));
  return { ...spec, stopGraceMs: gatewayStopGraceMs };
}

/**
 * @param {PlanInput} input
 * @param {string} name
 * @param {keyof typeof settings} folder
 * @param {(ready: ReadonlyMap<string, ReadyInfo>) => NodeJS.ProcessEnv} ownEnv
 * @returns {ChildSpec}
 */
function service({ root, env }, name, folder, ownEnv) {
  const common = { ...environmentFor(env, settings[folder]), SWITCHBOARD_SUPERVISED: '1' };
  return {
    name,
    command: process.execPath,
    args: () => [join(root, folder, 'dist/main.js')],
    env: (ready) => ({ ...common, ...ownEnv(ready) }),
    readyDeadlineMs,
    stopGraceMs,
  };
}

/** @template T @param {number} count @param {(n: number) => T} make @returns {T[]} for n = 1, 2, … */
function times(count, make) {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}
