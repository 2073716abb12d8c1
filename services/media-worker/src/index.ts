/** A media worker, for those that run it inside a process of their own (tests, one-process start). */
export { startMediaWorker } from './app.ts';
export { config, workerIDOf, type Config } from './config.ts';
