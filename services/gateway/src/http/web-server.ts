/** The web server of a gateway's settings: which app, and with or without TLS. */
import type { Clock } from '@switchboard/event-log';
import { isLoopback, type Logger, type ReadyCheck } from '@switchboard/service-kit';
import { resolve } from 'node:path';
import type { GatewayConfig } from '../config.ts';
import type { Welcome } from '../dialect/index.ts';
import { allowsOrigin, type OriginRules } from './origins.ts';
import { createPlain, createTls, type WebServer } from './tls.ts';
import { createWebApp } from './web-app.ts';

export interface WebServerOptions {
  readonly config: GatewayConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly ready: ReadyCheck;
  readonly welcome: Welcome;
  readonly origins: OriginRules;
}

/** @throws if there is a certificate that cannot be used */
export async function createWebServer(options: WebServerOptions): Promise<WebServer> {
  const { config, clock, logger, ready, welcome, origins } = options;
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, PLAIN_HTTP, WEB_DIR } = config;
  const app = createWebApp({
    ready,
    pageConfig: () => ({ gateways: welcome.gateways, auth: config.AUTH, iceServers: welcome.iceServers }),
    security: { gateways: config.GATEWAYS, strictTransport: !isLoopback(config.HOST), tls: !PLAIN_HTTP },
    mayRead: (request) => allowsOrigin(origins, request),
    webDir: WEB_DIR === undefined ? undefined : resolve(WEB_DIR),
    logger,
  });
  if (PLAIN_HTTP) return createPlain(app);
  if (certFile === undefined || keyFile === undefined) throw new Error('there is no certificate');
  return createTls(app, { certFile, keyFile }, { clock, logger });
}
