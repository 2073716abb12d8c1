/** A toy domain with everything that the owner's loop must serve: accounts that deposit, transfer, wait, watch and keep papers. */
import type { Domain, Effect, LogStore, Sender } from '../src/index.ts';
import { partition } from './support.ts';

export interface Account {
  total: number;
  /** Deposits, transfers and receipts that were applied. */
  count: number;
  deadline?: number;
  watches: string[];
  papers: string[];
  said: string[];
}

export type BankCommand =
  | { type: 'deposit'; key: string; amount: number }
  | { type: 'transfer'; key: string; to: string; amount: number }
  | { type: 'receive'; key: string; amount: number }
  | { type: 'arm'; key: string; inMs: number }
  | { type: 'disarm'; key: string }
  | { type: 'fire'; key: string }
  | { type: 'watch'; key: string; process: string }
  | { type: 'lost'; key: string; process: string }
  | { type: 'keep'; key: string; ref: string }
  | { type: 'show'; key: string; ref: string; process: string }
  | { type: 'notify'; key: string; process: string; text: string }
  | { type: 'ask'; key: string }
  | { type: 'ping'; key: string; to: string }
  | { type: 'close'; key: string }
  | { type: 'boom'; key: string };

export type BankEvent =
  | { type: 'deposited'; amount: number }
  | { type: 'transferred'; to: string; amount: number }
  | { type: 'armed'; at: number }
  | { type: 'disarmed' }
  | { type: 'fired' }
  | { type: 'watching'; process: string }
  | { type: 'bereaved'; process: string }
  | { type: 'kept'; ref: string }
  | { type: 'shown'; ref: string; process: string }
  | { type: 'notified'; process: string; text: string }
  | { type: 'asked'; key: string }
  | { type: 'pinged'; key: string; to: string }
  | { type: 'closed' };

export type BankQuestion = { key: string };
export type Bank = Domain<Account, BankCommand, BankEvent, { text: string }, BankQuestion>;

const partitionOf = (key: string) => Number(key.split(':')[0]);
const empty = (): Account => ({ total: 0, count: 0, watches: [], papers: [], said: [] });

function decide(state: Account | undefined, command: BankCommand, now: number): BankEvent[] {
  switch (command.type) {
    case 'deposit':
    case 'receive':
      return command.amount === 0 ? [] : [{ type: 'deposited', amount: command.amount }];
    case 'transfer':
      return [{ type: 'transferred', to: command.to, amount: command.amount }];
    case 'arm':
      return [{ type: 'armed', at: now + command.inMs }];
    case 'disarm':
      return state?.deadline === undefined ? [] : [{ type: 'disarmed' }];
    case 'fire':
      return state?.deadline === undefined || state.deadline > now || state.said.includes('stubborn')
        ? []
        : [{ type: 'fired' }];
    case 'watch':
      return [{ type: 'watching', process: command.process }];
    case 'lost':
      return state?.said.includes('stubborn') === true ? [] : [{ type: 'bereaved', process: command.process }];
    case 'keep':
      return [{ type: 'kept', ref: command.ref }];
    case 'show':
      return [{ type: 'shown', ref: command.ref, process: command.process }];
    case 'notify':
      return [{ type: 'notified', process: command.process, text: command.text }];
    case 'ask':
      return [{ type: 'asked', key: command.key }];
    case 'ping':
      return [{ type: 'pinged', key: command.key, to: command.to }];
    case 'close':
      return state === undefined ? [] : [{ type: 'closed' }];
    case 'boom':
      throw new Error('boom');
  }
}

function evolve(before: Account | undefined, event: BankEvent): Account | undefined {
  const { deadline, ...state } = before ?? empty();
  const same = deadline === undefined ? state : { ...state, deadline };
  switch (event.type) {
    case 'deposited':
      return { ...same, total: same.total + event.amount, count: same.count + 1 };
    case 'transferred':
      return { ...same, total: same.total - event.amount, count: same.count + 1 };
    case 'armed':
      return { ...same, deadline: event.at };
    case 'disarmed':
      return state;
    case 'fired':
      return { ...state, said: [...state.said, 'fired'] };
    case 'watching':
      return { ...same, watches: [...new Set([...same.watches, event.process])] };
    case 'bereaved':
      return {
        ...same,
        watches: same.watches.filter((id) => id !== event.process),
        said: [...same.said, `lost ${event.process}`],
      };
    case 'kept':
      return { ...same, papers: [...same.papers, event.ref] };
    case 'shown':
      return { ...same, papers: same.papers.filter((ref) => ref !== event.ref) };
    case 'notified':
      return { ...same, said: [...same.said, event.text] };
    case 'asked':
    case 'pinged':
      return same;
    case 'closed':
      return undefined;
  }
}

function effects(event: BankEvent): Effect<BankCommand, { text: string }, BankQuestion>[] {
  switch (event.type) {
    case 'transferred': {
      const command = { type: 'receive', key: event.to, amount: event.amount } as const;
      return [{ to: 'partition', partition: partitionOf(event.to), command, refs: [] }];
    }
    case 'shown':
      return [{ to: 'process', id: event.process, message: { text: event.ref }, refs: [event.ref, 'none'] }];
    case 'notified':
      return [{ to: 'process', id: event.process, message: { text: event.text }, refs: [] }];
    case 'asked':
      return [{ to: 'shell', question: { key: event.key } }];
    case 'pinged':
      return [
        {
          to: 'partition',
          partition: partitionOf(event.to),
          command: { type: 'ping', key: event.to, to: event.key },
          refs: [],
        },
      ];
    default:
      return [];
  }
}

export const bank: Bank = {
  parse: (body) => (body.startsWith('{') ? (JSON.parse(body) as BankCommand) : undefined),
  keyOf: ({ key }) => key,
  decide,
  evolve,
  effects,
  facts: ({ deadline, watches, papers, total }) => ({ deadline, watches, refs: papers, live: total !== 0 }),
  onDeadline: (key) => ({ type: 'fire', key }),
  onLost: (key, process) => ({ type: 'lost', key, process }),
  answer: ({ key }) => ({ type: 'deposit', key, amount: 7 }),
};

/** Sends a command to the owner of its account. */
export function order(sender: Sender, command: BankCommand, blobs?: Record<string, string>): Promise<void> {
  const mail = { body: JSON.stringify(command), ...(blobs === undefined ? {} : { blobs }) };
  return sender.send(partition(partitionOf(command.key)), mail);
}

export async function account(store: LogStore, key: string): Promise<Account | undefined> {
  const [json] = await store.load(partitionOf(key), [key]);
  return json === undefined ? undefined : (JSON.parse(json) as Account);
}

/** Every account of the bank. */
export async function accounts(store: LogStore, partitions: number): Promise<Map<string, Account>> {
  const all = new Map<string, Account>();
  for (let number = 0; number < partitions; number += 1) {
    for (const [key, json] of await store.aggregates(number)) all.set(key, JSON.parse(json) as Account);
  }
  return all;
}
