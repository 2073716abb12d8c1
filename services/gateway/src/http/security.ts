/** Security headers, fit for a page that uses camera and microphone and talks to every gateway. */
import type { RequestHandler } from 'express';
import helmet from 'helmet';

export interface SecurityOptions {
  /** Origins of all gateways. */
  readonly gateways: readonly string[];
  /** False on loopback: HSTS for `localhost` would force TLS on every other port of this machine. */
  readonly strictTransport: boolean;
  readonly tls: boolean;
}

export function securityHeaders({ gateways, strictTransport, tls }: SecurityOptions): RequestHandler[] {
  const sockets = gateways.map((origin) => origin.replace(/^http/, 'ws'));
  const headers = helmet({
    strictTransportSecurity: strictTransport,
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        connectSrc: ["'self'", ...gateways, ...sockets],
        mediaSrc: ["'self'", 'blob:', 'mediastream:'],
        imgSrc: ["'self'", 'data:', 'blob:'],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        workerSrc: ["'self'", 'blob:'],
        frameAncestors: ["'self'"],
        upgradeInsecureRequests: tls ? [] : null,
      },
    },
  });
  const permissions: RequestHandler = (_request, response, next) => {
    response.set('Permissions-Policy', 'camera=(self), microphone=(self), display-capture=(self)');
    next();
  };
  return [headers, permissions];
}
