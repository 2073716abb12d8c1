/** For tests of the whole: a gateway inside of another process, and what its sessions do without their sockets. */
export { startGateway, type Gateway, type GatewayDeps } from './app.ts';
export { PresenceDesk } from './presence/desk.ts';
export type { Action } from './session/actions.ts';
export { SessionMachine } from './session/machine.ts';
export { gatewayConfig, type GatewayConfig } from './config.ts';
