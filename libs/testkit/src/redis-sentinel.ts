/** A Redis with replicas, watched by three sentinels that put a replica in the place of a master that is gone. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { askRedis } from './redis-ask.ts';
import { runServer, startRedis, type RedisSite, type RunningRedis } from './redis-launcher.ts';
import { eventually } from './wait.ts';

export interface SentinelOptions {
  /** 2 by default. */
  readonly replicas?: number;
  /** Of the servers. */
  readonly password?: string;
  /** Of the sentinels. */
  readonly sentinelPassword?: string;
}

export interface RunningSentinel extends RedisSite {
  /** The first was the master at the start. */
  readonly servers: readonly RunningRedis[];
  /** Whom the sentinels call the master now. */
  master(): Promise<RunningRedis>;
}

const NAME = 'main';
const QUORUM = 2;
const COUNT = 3;

/** Resolves when every sentinel knows the others and all replicas. A write needs one replica; a master is given up after 500 ms. */
export async function startSentinel(options: SentinelOptions = {}): Promise<RunningSentinel> {
  const { password, sentinelPassword, replicas = 2 } = options;
  const secret = password === undefined ? {} : { password };
  const args = ['--min-replicas-to-write', '1', '--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'];
  const master = await startRedis({ ...secret, args });
  const follow = [...args, '--replicaof', '127.0.0.1', String(master.port)];
  const followers = Array.from({ length: replicas }, () => startRedis({ ...secret, args: follow }));
  const servers = [master, ...(await Promise.all(followers))];
  await eventually(
    'all replicas are in step',
    async () => String(await askRedis({ port: master.port, password }, 'WAIT', replicas, 100)) === String(replicas),
  );
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-sentinel-'));
  const sentinels = await Promise.all(Array.from({ length: COUNT }, () => launchSentinel(dir, master.port, options)));
  const ask = (index: number, command: string) =>
    askRedis({ port: sentinels[index]?.port ?? 0, password: sentinelPassword }, 'SENTINEL', command, NAME);
  for (const index of sentinels.keys()) {
    await eventually(
      'the sentinels know each other and the replicas',
      async () => (await counts(ask, index)) === `${String(COUNT - 1)} ${String(replicas)}`,
    );
  }
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${String(port)}`).join();
  return {
    servers,
    url: `redis+sentinel://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}${hosts}/${NAME}`,
    env: sentinelPassword === undefined ? {} : { REDIS_SENTINEL_PASSWORD: sentinelPassword },
    master: async () => {
      const [, port] = (await ask(0, 'GET-MASTER-ADDR-BY-NAME')) as string[];
      const found = servers.find((server) => String(server.port) === port);
      if (found === undefined) throw new Error(`no server has port ${String(port)}`);
      return found;
    },
    stop: async () => {
      await Promise.all(sentinels.map((sentinel) => sentinel.kill()));
      await Promise.all(servers.map((server) => server.stop()));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Other sentinels and replicas that are known to one. */
async function counts(ask: (index: number, command: string) => Promise<unknown>, index: number): Promise<string> {
  const [sentinels, replicas] = await Promise.all([ask(index, 'SENTINELS'), ask(index, 'REPLICAS')]);
  return [sentinels, replicas].map((list) => (list as unknown[]).length).join(' ');
}

async function launchSentinel(dir: string, master: number, { password, sentinelPassword }: SentinelOptions) {
  const port = await freePort();
  const file = join(dir, `${String(port)}.conf`);
  const lines = [
    ...['bind 127.0.0.1', `port ${String(port)}`, `dir ${dir}`],
    `sentinel monitor ${NAME} 127.0.0.1 ${String(master)} ${String(QUORUM)}`,
    `sentinel down-after-milliseconds ${NAME} 500`,
    `sentinel failover-timeout ${NAME} 3000`,
    ...(password === undefined ? [] : [`sentinel auth-pass ${NAME} ${password}`]),
    ...(sentinelPassword === undefined
      ? []
      : [`requirepass ${sentinelPassword}`, `sentinel sentinel-pass ${sentinelPassword}`]),
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  return runServer(port, [file, '--sentinel']);
}
