/** What tests of the whole are made of: real processes, real browsers, real sockets, real media. */
export { startCluster, type Cluster, type ClusterOptions } from './cluster.ts';
export { startRedis, type RedisOptions, type RedisSite, type RunningRedis } from './redis-launcher.ts';
export { askRedis } from './redis-ask.ts';
export { startRedisCluster, type ClusterNode, type RunningRedisCluster } from './redis-cluster.ts';
export { startSentinel, type RunningSentinel, type SentinelOptions } from './redis-sentinel.ts';
export { startTlsRedis, type RunningTlsRedis } from './redis-tls.ts';
export { ServiceProcess, type LogLine, type ServiceSpec } from './service-process.ts';
export { SocketClient, type Frame } from './socket-client.ts';
export { Crowd, percentile, type CrowdOptions } from './crowd.ts';
export { launchChromium, Person, Phone, type Picture, type PersonOptions } from './browser.ts';
export { COLOURS, fakeDevices, type Colour } from './fake-camera.ts';
export { pipelinesOf } from './media-servers.ts';
export { SyntheticUser, type SyntheticUserOptions } from './synthetic-user.ts';
export { mediaFlows, putInCall } from './in-call.ts';
export { eventually, within } from './wait.ts';
export * from './rtp-peer.ts';
/** Node 20 has no WebSocket of its own. */
export { WebSocket } from 'ws';
export { freePort } from './ports.ts';
export { mountTinyDisk, type TinyDisk } from './tiny-disk.ts';
export type { Link } from './processes.ts';
export { Proxy } from './proxy.ts';
