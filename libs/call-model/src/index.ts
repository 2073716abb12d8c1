export { createModel, callKey, lineKey, type Event, type Facts, type Model, type State } from './model.ts';
export type { Effect, ProcessMessage, Question } from './effect.ts';
export { DEFAULT_POLICY, type Policy } from './policy.ts';
export { deadlineOf } from './call/state.ts';
export type { CallState, LiveCall, EndedCall, Party } from './call/state.ts';
export type { LineState, Engagement } from './line/state.ts';
export type { CallEvent } from './call/events.ts';
export type { LineEvent } from './line/events.ts';
