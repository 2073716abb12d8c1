/** What every process of Switchboard has in common. Knows nothing of calls. */
export { type BaseConfig, baseConfig } from './base-config.ts';
export { loadConfig } from './config.ts';
export { ConfigError, type ConfigFault } from './config-error.ts';
export { type ConfigSource } from './config-source.ts';
export { type ConfigEntry, describeConfig, secretString } from './config-meta.ts';
export { healthRouter, type HealthServerOptions, metricsRouter, type ReadyCheck, startHealthServer } from './health.ts';
export { isLoopback, listen, listenLoopback, type Listening } from './listen.ts';
export {
  createLogger,
  type LogDestination,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  logLevels,
  silentLogger,
} from './logger.ts';
export { createMetrics, type Registry } from './metrics.ts';
export { type ProcessHost } from './process-host.ts';
export { IpAddress, Sdp, Secret } from './redacted.ts';
export { type ReadyDetails, runService, type ServiceContext, type ServiceOptions } from './run-service.ts';
export { Shutdown, type ShutdownReport, type StopStep } from './shutdown.ts';
export { clusterFields, healthFields, logAddress, whole } from './shared-fields.ts';
