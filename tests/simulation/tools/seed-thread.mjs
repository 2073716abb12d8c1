/** One thread of run-seeds.mjs: says what became of each seed of its stride. */
import { parentPort, workerData } from 'node:worker_threads';

const { file, first, end, step, shrinks } = workerData;
/** @type {import('./types.mjs').Simulation} */
const simulation = await import(file);
for (let seed = first; seed < end; seed += step) parentPort?.postMessage(await simulation.check(seed, { shrinks }));
