/** What an orchestrator counts: its partitions, its commits, and everything that should not happen. */
import type { Observer } from '@switchboard/event-log';
import type { Registry } from '@switchboard/service-kit';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Journal } from './journal.ts';

export function observe(registry: Registry, owned: () => number, journal: Journal): Observer {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `switchboard_${name}`, help, labelNames: [...labelNames], registers });
  new Gauge({
    name: 'switchboard_partitions_owned',
    help: 'Partitions owned by this process',
    registers,
    collect() {
      this.set(owned());
    },
  });
  const commits = new Histogram({
    name: 'switchboard_commit_seconds',
    help: 'Time of one commit',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1, 5],
    registers,
  });
  const commands = counter('commands_total', 'Commands applied', []);
  const skipped = counter('commands_skipped_total', 'Commands that could not be applied', ['why']);
  const ownership = counter('ownership_changes_total', 'Partitions taken, released and lost', ['kind']);
  const gaps = counter('message_gaps_total', 'Messages that a target missed', ['kind']);
  const regressed = counter('commits_lost_total', 'Acknowledged commits that the store forgot', []);
  const buried = counter('processes_buried_total', 'Processes declared dead, by partition', []);
  const dropped = counter('messages_dropped_total', 'Messages to a process whose mailbox was full', []);
  return {
    committed: (commit) => {
      commits.observe(commit.ms / 1000);
      commands.inc(commit.commands);
      journal(commit.events);
    },
    skipped: ({ why }) => {
      skipped.inc({ why });
    },
    ownership: ({ kind }) => {
      ownership.inc({ kind });
    },
    gap: ({ kind }) => {
      gaps.inc({ kind });
    },
    regressed: ({ known, found }) => {
      regressed.inc(Math.max(0, known - found));
    },
    buried: () => {
      buried.inc();
    },
    dropped: ({ messages }) => {
      dropped.inc(messages);
    },
  };
}
