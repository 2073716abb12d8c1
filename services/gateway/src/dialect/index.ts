export { anonymous } from './anonymous.ts';
export { native } from './native.ts';
export { seed } from './seed.ts';
export type { Dialect, Fault, Told, Welcome } from './told.ts';
