/** Health and metrics over HTTP: on a service's public port as routers, or on a small port of their own. */
import { createServer } from 'node:http';
import express, { Router } from 'express';
import helmet from 'helmet';

import { listen, type Listening } from './listen.ts';
import type { Registry } from './metrics.ts';

/** True, or in plain words why the process can't work just now. */
export type ReadyCheck = () => true | string;

/** `/healthz`: 200 while the process runs. `/readyz`: 200, or 503 with `{ ready: false, reason }`. */
export function healthRouter({ ready }: { ready: ReadyCheck }): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ alive: true });
  });
  router.get('/readyz', (_request, response) => {
    const state = ready();
    response.set('Cache-Control', 'no-store').status(state === true ? 200 : 503);
    response.json(state === true ? { ready: true } : { ready: false, reason: state });
  });
  return router;
}

/** `/metrics` in Prometheus' text format. Apart from the health routes: a public port must not show it. */
export function metricsRouter(registry: Registry): Router {
  const router = Router();
  router.get('/metrics', async (_request, response) => {
    response.set('Content-Type', registry.contentType).send(await registry.metrics());
  });
  return router;
}

export interface HealthServerOptions {
  host: string;
  /** 0 chooses a free one. */
  port: number;
  ready: ReadyCheck;
  registry: Registry;
}

/** Health and metrics for a process without a public port. @throws the listener's error (`EADDRINUSE`, …) */
export async function startHealthServer({ host, port, ready, registry }: HealthServerOptions): Promise<Listening> {
  const app = express();
  app.use(helmet(), healthRouter({ ready }), metricsRouter(registry));
  return listen(createServer(app), { host, port });
}
