export * from './ids.ts';
export * from './reasons.ts';
export * from './errors.ts';
export * from './client-messages.ts';
export * as server from './server-messages.ts';
export type { IceServer, ServerMessage, ServerMessageType } from './server-messages.ts';
export { serverMessage } from './server-messages.ts';
export * from './commands.ts';
export * from './process-messages.ts';
