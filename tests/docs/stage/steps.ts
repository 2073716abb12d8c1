/** What the audience of a stage sees: messages from one player to another, and notes about one. */
export interface Message {
  readonly type: string;
}

export interface Arrow {
  readonly kind: 'message';
  readonly from: string;
  readonly to: string;
  readonly message: Message;
}

export interface Note {
  readonly kind: 'note';
  readonly over: string;
  readonly text: string;
}

export type Step = Arrow | Note;
