/** Who of the people is there, as the server last said; nothing is known of them without a session. */
import type { Presence, Switchboard } from '@switchboard/client';
import { shallowRef, type ShallowRef } from 'vue';

export type PresenceBook = ReadonlyMap<string, Presence>;

export interface PresenceHolder {
  presence: ShallowRef<PresenceBook>;
  follow(board: Switchboard): void;
  clear(): void;
}

export function holdPresence(): PresenceHolder {
  const presence = shallowRef<PresenceBook>(new Map());
  let current: Switchboard | undefined;

  function turnTo(board: Switchboard | undefined): void {
    current = board;
    presence.value = new Map();
  }

  return {
    presence,
    follow: (board) => {
      turnTo(board);
      board.on('presence', ({ userID, state }) => {
        if (board === current) presence.value = new Map(presence.value).set(userID, state);
      });
    },
    clear: () => turnTo(undefined),
  };
}
