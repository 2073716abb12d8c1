/**
 * Which commands were applied, and how often. A command counts as applied when an owner that parsed it committed a cursor behind
 * it. Invariant 5: a message in an inbox is applied exactly once; checked here at each commit, and at the end for what is missing.
 */
import type { IncomingMail, Seq } from '@switchboard/event-log';

interface Parsed {
  readonly name: string;
  readonly id: string;
}

export class Applied {
  /** Messages in inboxes (`p1|src|seq`) and whether they were applied. */
  readonly #mails = new Map<string, { readonly body: string; times: number }>();
  /** What a process parsed and did not commit yet, by process and partition. */
  readonly #pending = new Map<string, Parsed[]>();
  readonly #fail: (invariant: string, what: string) => void;
  /** Messages in inboxes that are not applied yet. */
  waiting = 0;
  /** Called with each command as it is applied. */
  onApplied: (body: string) => void = () => undefined;

  constructor(fail: (invariant: string, what: string) => void) {
    this.#fail = fail;
  }

  mark(target: string, mail: IncomingMail): IncomingMail {
    const mark = JSON.stringify({ name: nameOf(target, mail.src, mail.seq), id: mail.id });
    return { ...mail, body: `${mail.body.slice(0, -1)},"mark":${mark}}` };
  }

  arrived(target: string, src: string, seq: Seq, body: string): void {
    this.#mails.set(nameOf(target, src, seq), { body, times: 0 });
    this.waiting += 1;
  }

  parsed(process: string, body: string): void {
    const { mark } = JSON.parse(body) as { mark: Parsed };
    const key = `${process} ${mark.name.slice(0, mark.name.indexOf('|'))}`;
    const pending = this.#pending.get(key);
    if (pending === undefined) this.#pending.set(key, [mark]);
    else pending.push(mark);
  }

  tookOver(process: string, partition: number): void {
    this.#pending.delete(`${process} p${String(partition)}`);
  }

  committed(process: string, partition: number, cursor: string): void {
    const key = `${process} p${String(partition)}`;
    const pending = this.#pending.get(key) ?? [];
    this.#pending.set(
      key,
      pending.filter(({ id }) => compareIDs(id, cursor) > 0),
    );
    for (const { name, id } of pending) if (compareIDs(id, cursor) <= 0) this.#apply(name);
  }

  /** In an inbox and never applied. */
  missing(): string[] {
    return [...this.#mails].filter(([, { times }]) => times === 0).map(([name, { body }]) => `${name} ${body}`);
  }

  #apply(name: string): void {
    const mail = this.#mails.get(name);
    if (mail === undefined) return this.#fail('5 from nowhere', `${name} was applied and never sent`);
    mail.times += 1;
    if (mail.times === 1) this.waiting -= 1;
    if (mail.times > 1) this.#fail('5 applied twice', `${name} ${mail.body}`);
    else this.onApplied(mail.body);
  }
}

const nameOf = (target: string, src: string, seq: Seq): string => `${target}|${src}|${seq.join(':')}`;

/** Positions in a mailbox: `<ms>-<n>`. */
export function compareIDs(a: string, b: string): number {
  return msOfID(a) - msOfID(b) || Number(a.slice(a.indexOf('-') + 1)) - Number(b.slice(b.indexOf('-') + 1));
}

/** When it was appended, ms of the store's time. */
export const msOfID = (id: string): number => Number(id.split('-')[0]);
