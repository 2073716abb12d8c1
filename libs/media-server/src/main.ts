import { runService } from '@switchboard/service-kit';
import { runMediaServer } from './app.ts';
import { config, ownEnvironment } from './config.ts';

Object.assign(process.env, ownEnvironment(process.env));
await runService({ name: 'media-server', config }, runMediaServer);
