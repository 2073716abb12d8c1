import { runService } from '@switchboard/service-kit';
import { startMediaWorker } from './app.ts';
import { config } from './config.ts';

await runService({ name: 'media-worker', config }, startMediaWorker);
