/** The one object that is always there, and what it tells of the server. */
import { cpus } from 'node:os';
import { z } from 'zod';
import { KurentoError } from '../errors.ts';
import { SERVER_MANAGER_ID } from '../ids.ts';
import { MediaObject, type ObjectHost } from './media-object.ts';
import { operation, type Operations } from './operation.ts';

export interface ManagerHost extends ObjectHost {
  sessionIds(): readonly string[];
  pipelineIds(): readonly string[];
  /** Resolves after `ms`. */
  wait(ms: number): Promise<void>;
}

/** kurento-client refuses a server that does not list these three modules. */
const MODULES: Readonly<Record<string, readonly string[]>> = {
  core: ['MediaPipeline'],
  elements: ['WebRtcEndpoint'],
  filters: [],
};

const VERSION = '7.3.1-switchboard';
const MAX_CPU_INTERVAL_MS = 10_000;
const none = z.object({});

export class ServerManager extends MediaObject {
  readonly manager: ManagerHost;

  constructor(host: ManagerHost) {
    super('ServerManager', host, null, SERVER_MANAGER_ID);
    this.manager = host;
  }
}

export const managerOperations: Operations<ServerManager> = {
  getInfo: operation(none, () => serverInfo()),
  getMetadata: operation(none, () => ''),
  getSessions: operation(none, ({ manager }: ServerManager) => manager.sessionIds()),
  getPipelines: operation(none, ({ manager }: ServerManager) => manager.pipelineIds()),
  getUsedMemory: operation(none, () => Math.round(process.memoryUsage.rss() / 1024)),
  getCpuCount: operation(none, () => cpus().length),
  getUsedCpu: operation(z.object({ interval: z.int() }), ({ manager }: ServerManager, { interval }) =>
    usedCpu(manager, Math.min(Math.max(interval, 1), MAX_CPU_INTERVAL_MS)),
  ),
  getKmd: operation(z.object({ moduleName: z.string() }), () => {
    throw new KurentoError('UNDEFINED', "Requested kmd module doesn't exist");
  }),
};

function serverInfo() {
  const modules = Object.entries(MODULES).map(([name, factories]) => ({
    __module__: 'kurento',
    __type__: 'ModuleInfo',
    factories,
    generationTime: '',
    name,
    version: VERSION,
  }));
  const type = 'KMS';
  return {
    __module__: 'kurento',
    __type__: 'ServerInfo',
    capabilities: ['transactions'],
    modules,
    type,
    version: VERSION,
  };
}

/** Percent of all cores that this process used during `interval` ms. */
async function usedCpu(manager: ManagerHost, interval: number): Promise<number> {
  const before = process.cpuUsage();
  const began = manager.now();
  await manager.wait(interval);
  const { user, system } = process.cpuUsage(before);
  const elapsed = Math.max(1, manager.now() - began) * 1000 * cpus().length;
  return Math.min(100, ((user + system) / elapsed) * 100);
}
