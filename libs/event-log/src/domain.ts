/**
 * What the owner loop asks of the layer above. The log knows aggregates by key, commands, events and messages; it does not
 * know what they mean. All but `answer` is pure: replayed after a crash, it says the very same. States, commands, events and
 * messages are plain JSON values. What throws is skipped, counted and logged, and leaves no trace.
 */
export interface Domain<State, Command, Event, Message, Question> {
  /** A command from a mailbox. Undefined: nobody can apply this (it is counted, logged and skipped). */
  parse(body: string): Command | undefined;
  /** The aggregate that a command is for. */
  keyOf(command: Command): string;
  decide(state: State | undefined, command: Command, now: number): readonly Event[];
  /** Never throws. Undefined: there is no record any more. */
  evolve(state: State | undefined, event: Event): State | undefined;
  /** All that a message needs is in the event. */
  effects(event: Event): readonly Effect<Command, Message, Question>[];
  /** What the log must index for this state. */
  facts(state: State): Facts;
  /** The command for an aggregate whose deadline passed. */
  onDeadline(key: string): Command;
  /** The command for an aggregate that watches a process that died. */
  onLost(key: string, process: string): Command;
  /** Answers a question of the model from what only the shell knows (which worker has room). Its answer is a command of the same batch. */
  answer(question: Question): Command;
}

export interface Facts {
  /** When to wake the aggregate, ms of the store's time. */
  readonly deadline: number | undefined;
  /** Processes whose death it must hear of. */
  readonly watches: readonly string[];
  /** Blobs that it still needs; several aggregates may need the same one. */
  readonly refs: readonly string[];
  /** True while its events must be kept. */
  readonly live: boolean;
}

/** `refs`: blobs to send along. One that is gone is left out: its receiver takes the message for obsolete. */
export type Effect<Command, Message, Question> =
  | {
      readonly to: 'partition';
      readonly partition: number;
      readonly command: Command;
      readonly refs: readonly string[];
    }
  | { readonly to: 'process'; readonly id: string; readonly message: Message; readonly refs: readonly string[] }
  | { readonly to: 'shell'; readonly question: Question };
