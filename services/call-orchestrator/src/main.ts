import { runService } from '@switchboard/service-kit';
import { startOrchestrator } from './app.ts';
import { config } from './config.ts';

await runService({ name: 'call-orchestrator', config }, startOrchestrator);
