/** All flows, in the order of the document. */
import { brokenFlows } from './broken.ts';
import { callFlows } from './calls.ts';
import { deviceFlows, shownFlows } from './devices.ts';
import type { Flow } from './flow.ts';

export { played, type Flow } from './flow.ts';
export const FLOWS: readonly Flow[] = [...callFlows, ...deviceFlows, ...brokenFlows, ...shownFlows];
