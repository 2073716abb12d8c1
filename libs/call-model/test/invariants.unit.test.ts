/**
 * The invariants under any order of messages: people do anything at any time, every link delivers in its own order and no
 * other order holds, sockets break and come back, gateways and workers die. What fast-check prints on a failure replays exactly.
 */
import type { CallID } from '@switchboard/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Policy } from '../src/index.ts';
import { checkEnd, checkFold, checkQuiet, checkTalking, must, Watch } from './checks.ts';
import { Story } from './story.ts';
import { World } from './world.ts';

const DEVICES = ['anna.1', 'anna.2', 'ben.1', 'ben.2', 'cleo.1', 'cleo.2'];
const SEED = 'cleo.2';
const PLAIN = 'cleo.1';
const USERS = ['anna', 'ben', 'cleo', 'nobody'];
const SLOTS = 3;
const DEEDS = [
  ...['resume', 'resume', 'reload', 'login', 'place', 'place', 'place', 'again', 'ringing', 'accept', 'accept'],
  ...[
    'decline',
    'stop',
    'stop',
    'close',
    'close',
    'goodbye',
    'renegotiate',
    'show',
    'away',
    'online',
    'watch',
    'unwatch',
  ],
] as const;
type Deed = (typeof DEEDS)[number];

type Move =
  | { readonly kind: 'deliver'; readonly pick: number }
  | { readonly kind: 'together'; readonly pick: number; readonly links: readonly number[] }
  | { readonly kind: 'settle' }
  | { readonly kind: 'act'; readonly what: Deed; readonly who: number; readonly whom: number }
  | { readonly kind: 'die'; readonly which: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'media'; readonly media: World['workers']['media'] };

const index = fc.nat({ max: 30 });
const kind = <K extends string>(name: K) => fc.constant(name);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 55, arbitrary: fc.record({ kind: kind('deliver'), pick: index }) },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: kind('together'),
      pick: index,
      links: fc.array(index, { minLength: 2, maxLength: 6 }),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: kind('settle') }) },
  {
    weight: 35,
    arbitrary: fc.record({ kind: kind('act'), what: fc.constantFrom(...DEEDS), who: index, whom: index }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('die'), which: index }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('wait'), ms: fc.constantFrom(100, 20_000, 31_000, 60_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind('media'), media: fc.constantFrom('answers', 'fails', 'is silent' as const) }),
  },
);

class Play {
  readonly world: World;
  readonly story: Story;
  private readonly gateways = Array.from({ length: SLOTS }, (_, slot) => `g${String(slot)}`);
  private readonly watched = new Set<string>();
  private readonly watch = new Watch();
  private healthy = true;

  constructor(policy: Partial<Policy>) {
    this.world = new World(policy);
    this.story = new Story(this.world);
    DEVICES.forEach((name, slot) => {
      this.attach(name, slot);
    });
    this.world.settle();
  }

  step(move: Move): void {
    if (move.kind === 'deliver') this.deliver(move.pick);
    else if (move.kind === 'together') this.together(move);
    else if (move.kind === 'settle') this.world.settle();
    else if (move.kind === 'act') this.act(move);
    else if (move.kind === 'die') this.die(move.which);
    else if (move.kind === 'wait') this.world.advance(move.ms);
    else this.media(move.media);
    this.watch.check(this.world);
    if (this.world.waiting().length === 0) this.checkQuiet();
  }

  /** Everything arrives, everybody comes back, and every deadline passes. */
  end(): void {
    this.world.settle();
    this.checkQuiet();
    DEVICES.forEach((name, slot) => {
      if (!this.world.gateways.speaker(name)) this.attach(name, slot);
    });
    this.world.settle();
    this.checkQuiet();
    checkFold(this.world);
    const { graceMs, ringMs, setupMs, maxCallMs, checkMs, tombstoneMs } = this.world.policy;
    for (const ms of [graceMs, ringMs, setupMs, maxCallMs, checkMs]) {
      this.world.advance(ms);
      this.watch.check(this.world);
      this.checkQuiet();
    }
    checkEnd(this.world);
    this.world.advance(tombstoneMs);
    expect([...this.world.states.keys()].filter((key) => key.startsWith('call:'))).toEqual([]);
  }

  private checkQuiet(): void {
    checkQuiet(this.world);
    if (this.healthy) checkTalking(this.world);
    for (const watch of this.watched) this.checkWatch(watch);
  }

  private checkWatch(watch: string): void {
    const [gateway, user] = watch.split(' ');
    const told = this.world.presence.filter((each) => each.gateway === gateway && each.userID === user).at(-1);
    must(told?.state === this.seen(user ?? ''), `what ${watch} sees`);
  }

  private seen(user: string): string {
    const line = this.world.states.get(`line:${user}`);
    if (line?.kind !== 'line' || line.devices.length === 0) return 'offline';
    if (line.engaged) return 'busy';
    return line.devices.every(({ says }) => says === 'away') ? 'away' : 'online';
  }

  private attach(name: string, slot: number, login: { resume?: boolean; fresh?: boolean } = {}): void {
    const gateway = this.gatewayAt(slot);
    this.story.attach(name, name === SEED ? { gateway, seed: true } : { ...login, gateway, plain: name === PLAIN });
  }

  private gatewayAt(slot: number): string {
    return this.gateways[slot % SLOTS] ?? '';
  }

  private deliver(pick: number): void {
    const waiting = this.world.waiting();
    const link = waiting[pick % Math.max(1, waiting.length)];
    if (link) this.world.deliver(link);
  }

  private together({ pick, links }: Extract<Move, { kind: 'together' }>): void {
    const waiting = this.world.waiting().filter((link) => />p\d+$/.test(link));
    const partition = waiting[pick % Math.max(1, waiting.length)]?.split('>')[1];
    const there = waiting.filter((link) => link.endsWith(`>${partition ?? ''}`));
    if (there.length > 0) this.world.deliverTogether(links.map((link) => there[link % there.length] ?? ''));
  }

  private die(which: number): void {
    const slot = which % SLOTS;
    const [worker] = this.world.workers.ids;
    if (worker && which % 5 === 0) return this.world.lost(worker);
    if (worker && which % 5 === 1) return this.world.workers.lost(worker);
    const gateway = this.gatewayAt(slot);
    this.world.lost(gateway);
    for (const watch of this.watched) if (watch.startsWith(`${gateway} `)) this.watched.delete(watch);
    this.gateways[slot] = `g${String(this.world.draw())}`;
  }

  private media(media: World['workers']['media']): void {
    this.world.workers.media = media;
    this.healthy &&= media === 'answers';
  }

  private act({ what, who, whom }: Extract<Move, { kind: 'act' }>): void {
    const name = DEVICES[who % DEVICES.length] ?? '';
    const user = USERS[whom % USERS.length] ?? '';
    const story = this.story;
    if (what === 'place') story.place(name, user, { index: this.indexOf(whom) });
    else if (what === 'again')
      story.place(name, user, { index: this.indexOf(whom), requestID: `r${String(whom % 3)}` });
    else if (what === 'watch' || what === 'unwatch') this.look(what, this.gatewayAt(who), user);
    else if (what === 'resume') this.attach(name, whom);
    else if (what === 'reload') this.attach(name, whom, { fresh: true });
    else if (what === 'login') this.attach(name, whom, { resume: false });
    else if (what === 'close' || what === 'goodbye') story[what](name);
    else if (what === 'away' || what === 'online') story.setPresence(name, what);
    else for (const callID of story.calls(name)) this.speak(what, name, callID, whom);
  }

  /** Calls are numbered in any order, so that either side wins a glare. */
  private indexOf(whom: number): number {
    return this.world.draw() + (whom % 7) * 1_000;
  }

  private speak(what: Deed, name: string, callID: CallID, whom: number): void {
    const heard = this.world.told.filter(({ to, message }) => {
      return to === name && 'callID' in message && message.callID === callID;
    });
    const rang = this.story.calls(name).length === 1 && heard.some(({ message }) => message.type === 'Incoming');
    const story = this.story;
    if (what === 'show') story.show(name, callID, { audio: whom % 2 === 0, video: whom % 3 === 0, screen: false });
    else if (what === 'stop') story.stop(name, callID);
    // Until it is told of its call a client knows no callID.
    else if (what === 'renegotiate' && heard.length > 0) story.renegotiate(name, callID);
    else if (rang && (what === 'ringing' || what === 'accept' || what === 'decline')) story[what](name, callID);
  }

  private look(what: 'watch' | 'unwatch', gateway: string, user: string): void {
    this.story[what](gateway, user);
    if (what === 'watch') this.watched.add(`${gateway} ${user}`);
    else this.watched.delete(`${gateway} ${user}`);
  }
}

const policies: Record<string, Partial<Policy>> = {
  'who is offline is unreachable': {},
  'who is offline is waited for': { offlineCallee: 'wake' },
};

for (const [name, policy] of Object.entries(policies)) {
  test(`the invariants hold under any order of messages, deaths and deeds, where ${name}`, () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 120, size: 'max' }), (moves) => {
        const play = new Play(policy);
        for (const each of moves) play.step(each);
        play.end();
      }),
      { numRuns: Number(process.env['RUNS'] ?? 300) },
    );
  });
}
