/** The composition root: puts the server together and takes it apart in order. */
import type { Logger, ServiceContext } from '@switchboard/service-kit';
import { cleanup } from 'node-datachannel';
import { systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { KurentoError, RpcError } from './errors.ts';
import { Kurento, type Stats } from './kurento.ts';
import { listen, type Conversation } from './listener.ts';
import { Client } from './rpc/client.ts';
import type { Outlet } from './rpc/session.ts';
import { makeCertificate } from './webrtc/certificate.ts';
import { rtcConfig, type IceOptions } from './webrtc/ice-options.ts';

/** Each of the two steps of a stop (ms): together they stay below 3 s. */
const STOP_DEADLINE_MS = 1200;

export interface RunningServer {
  /** `ws://host:port/kurento`. */
  readonly url: string;
  readonly port: number;
  stats(): Stats;
  /** Ends all calls and closes the sockets. */
  close(): Promise<void>;
}

/** The server as a process of its own: stopped in order, libdatachannel's threads last. */
export async function runMediaServer({ config, logger, shutdown, ready }: ServiceContext<Config>): Promise<void> {
  shutdown.add('webrtc threads', () => cleanup(), STOP_DEADLINE_MS);
  const server = await startServer(config, logger);
  shutdown.add('media server', () => server.close(), STOP_DEADLINE_MS);
  ready({ url: server.url, port: server.port });
}

export async function startServer(config: Config, logger: Logger): Promise<RunningServer> {
  const clock = systemClock;
  const kurento = new Kurento({
    clock,
    sessionGraceMs: config.SESSION_GRACE_MS,
    rtcConfig: rtcConfig(iceOptions(config), await makeCertificate()),
  });
  let open = true;
  const { HOST: host, PORT: port } = config;
  const accept = (send: Outlet['send']) => newConversation(kurento, logger, send);
  const listener = await listen({ host, port, clock, ready: () => open, accept });
  return {
    port: listener.port,
    url: `ws://${host.includes(':') ? `[${host}]` : host}:${listener.port}/kurento`,
    stats: () => kurento.stats(),
    close: async () => {
      open = false;
      kurento.close();
      await listener.close();
    },
  };
}

const iceOptions = (config: Config): IceOptions => ({
  bindAddress: config.BIND_ADDRESS ?? null,
  portRange: config.PORT_RANGE ?? null,
  servers: [...(config.STUN ? [`stun:${config.STUN}`] : []), ...(config.TURN ? [`turn:${config.TURN}`] : [])],
});

function newConversation(kurento: Kurento, logger: Logger, send: (frame: string) => void): Conversation {
  const outlet: Outlet = { send };
  const client = new Client(kurento, outlet, (error, method) => logFault(logger, error, method));
  return {
    receive: (text) => {
      const json: unknown = JSON.parse(text);
      void client.receive(json).then((answer) => answer && send(JSON.stringify(answer)));
    },
    closed: () => client.close(),
  };
}

/** Refusals are the client's business; what nobody foresaw is logged here, once. */
function logFault(logger: Logger, error: unknown, method: string): void {
  if (error instanceof RpcError || (error instanceof KurentoError && error.cause === undefined)) return;
  const cause = error instanceof KurentoError ? error.cause : error;
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : 'unknown';
  logger.warn({ method, fault: withoutAddresses(text) }, 'request failed');
}

/** Messages of libdatachannel may quote candidates. */
const withoutAddresses = (text: string): string =>
  text.slice(0, 200).replace(/\b\d{1,3}(\.\d{1,3}){3}\b|[0-9a-f]*:[0-9a-f:]+/gi, '[address]');
