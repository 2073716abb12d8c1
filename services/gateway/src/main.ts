import { runService } from '@switchboard/service-kit';
import { gatewayConfig } from './config.ts';
import { runGateway } from './run.ts';

await runService({ name: 'gateway', config: gatewayConfig }, runGateway);
