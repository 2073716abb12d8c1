/** For tests of the whole: a gateway inside of another process. */
export { startGateway, type Gateway, type GatewayDeps } from './app.ts';
export { gatewayConfig, type GatewayConfig } from './config.ts';
