/** What a browser gets over HTTP: health, `/config.json`, and the page. Metrics are not here: this port is public. */
import { join } from 'node:path';
import { healthRouter, type Logger, type ReadyCheck } from '@switchboard/service-kit';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { IceServer } from '@switchboard/protocol';
import { securityHeaders, type SecurityOptions } from './security.ts';

/** What the page must know before it can connect. */
interface PageConfig {
  readonly gateways: readonly string[];
  readonly auth: 'jwt' | 'open';
  readonly iceServers?: readonly IceServer[];
}

export interface WebAppOptions {
  readonly ready: ReadyCheck;
  /** Asked at each request: with port 0 the address is known only after listening. */
  readonly pageConfig: () => PageConfig;
  readonly security: SecurityOptions;
  /** May this request's page read `/config.json` and the health of this gateway? */
  readonly mayRead: (request: Parameters<RequestHandler>[0]) => boolean;
  readonly webDir: string | undefined;
  readonly logger: Logger;
}

const SHARED = ['/healthz', '/readyz', '/config.json'];

export function createWebApp({ ready, pageConfig, security, mayRead, webDir, logger }: WebAppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders(security));
  app.use(SHARED, shared(mayRead));
  app.use(healthRouter({ ready }));
  app.get('/config.json', (_request, response) => {
    response.set('Cache-Control', 'no-store').json(pageConfig());
  });
  if (webDir !== undefined) servePage(app, webDir);
  app.use(onError(logger));
  return app;
}

/** Another gateway's page asks here whether this gateway's certificate was accepted yet. */
function shared(mayRead: WebAppOptions['mayRead']): RequestHandler {
  return (request, response, next) => {
    const { origin } = request.headers;
    response.set('Cross-Origin-Resource-Policy', 'cross-origin').vary('Origin');
    if (origin !== undefined && mayRead(request)) response.set('Access-Control-Allow-Origin', origin);
    next();
  };
}

/** Files under `/assets` carry a hash in their name; everything else is asked for anew. */
function servePage(app: Express, webDir: string): void {
  app.use('/assets', express.static(join(webDir, 'assets'), { immutable: true, maxAge: '1y', index: false }));
  app.use('/assets', (_request, response) => {
    response.sendStatus(404);
  });
  const revalidate = (response: Parameters<RequestHandler>[1]) => response.set('Cache-Control', 'no-cache');
  app.use(express.static(webDir, { setHeaders: (response) => void response.setHeader('Cache-Control', 'no-cache') }));
  app.get(/^\/[^.]*$/, (_request, response) => {
    revalidate(response).sendFile('index.html', { root: webDir });
  });
}

/** Says no more than the status: express itself would show the stack. */
function onError(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const status = statusOf(error);
    if (status >= 500) logger.error({ err: error }, 'a request failed');
    if (response.headersSent) next(error);
    else response.sendStatus(status);
  };
}

/** Errors that the request is to blame for (a path that cannot be decoded, a file that is not there) bring their status. */
function statusOf(error: unknown): number {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  return status >= 400 && status < 600 ? status : 500;
}
