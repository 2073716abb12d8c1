/** The embedded media server, for processes and tests that run it inside themselves. */
import { silentLogger, type Logger } from '@switchboard/service-kit';
import { startServer, type RunningServer } from './app.ts';
import { config } from './config.ts';

export type { RunningServer } from './app.ts';
export type { Stats } from './kurento.ts';

export interface MediaServerOptions {
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  readonly host?: string;
  /** Address that media binds to. */
  readonly bindAddress?: string;
  /** How long a session outlives its socket, in milliseconds. */
  readonly sessionGraceMs?: number;
  readonly logger?: Logger;
}

export function startMediaServer(options: MediaServerOptions = {}): Promise<RunningServer> {
  const { port = 0, host, bindAddress, sessionGraceMs, logger = silentLogger() } = options;
  const given = { PORT: port, HOST: host, BIND_ADDRESS: bindAddress, SESSION_GRACE_MS: sessionGraceMs };
  return startServer(config.parse(given), logger);
}
