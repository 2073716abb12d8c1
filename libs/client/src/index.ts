export { Switchboard, type SwitchboardEvents } from './switchboard.ts';
export type { SwitchboardOptions } from './options.ts';
export type { Call, CallEvents } from './call-api.ts';
export type { CallState, Direction, EndedState, EndReason } from './call-state.ts';
export { SwitchboardError, type MediaErrorCode, type SwitchboardErrorCode } from './errors.ts';
export type { ConnectionState } from './connection.ts';
export type { GetMedia } from './media.ts';
export type { Deps, Socket } from './deps.ts';
export type { IceServer, MediaKind } from '@switchboard/protocol';
