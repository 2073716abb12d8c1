/** What must hold when every deadline has passed: nothing is left of any call, and everybody knows it. */
import { foldPartition } from '@switchboard/event-log';
import { createDomain, Placement } from '@switchboard/call-orchestrator';
import type { Presence, Reason } from '@switchboard/protocol';
import type { Device } from '../cast/device.ts';
import { partitions, type World } from '../world.ts';
import { policyOf } from '../policy.ts';
import { linesOf, type Finding } from './quiet-checks.ts';
import type { Settled } from './settled.ts';

export async function checkEnd(world: World, settled: Settled): Promise<void> {
  const findings = [
    ...applied(world),
    ...remains(world, settled),
    ...ends(world),
    ...told(world),
    ...online(world),
    ...presence(world),
  ];
  for (const finding of findings) world.fail(...finding);
  for (const finding of await folds(world)) world.fail(...finding);
}

/** Invariant 5. */
function applied({ record }: World): Finding[] {
  return [
    ...record.applied.missing().map((what): Finding => ['5 never applied', what]),
    ...record.onTheWay().map((what): Finding => ['5 never sent', what]),
  ];
}

/** Invariants 2 and 8, and that nothing is kept that nobody needs. */
function remains(world: World, settled: Settled): Finding[] {
  if (settled.isOver()) return [];
  const { record, mediaServers } = world;
  const findings: Finding[] = [];
  for (const line of linesOf(record.states))
    if (line.engaged !== undefined)
      findings.push(['2 a line for ever', `the Line of ${line.userID} stays in ${line.engaged.callID}`]);
  for (const state of record.states.values())
    if (state.kind === 'call') findings.push(['3 a call for ever', `${state.callID} is ${state.phase} for ever`]);
  for (const { pipelines } of mediaServers.values())
    for (const name of pipelines.keys()) findings.push(['8 a pipeline for ever', name]);
  const left = [...record.states].map(([key, state]) => `${key} ${JSON.stringify(state)}`);
  findings.push(['nothing comes to rest', [...settled.inFlight(), ...left].join('\n')]);
  return findings;
}

/** Whoever is there is known to be there, on his last connection; nobody else is. */
function online({ devices, record }: World): Finding[] {
  const up = linesOf(record.states).flatMap((line) => line.devices.map(({ device }) => device.session));
  const here = [...devices.values()].flatMap(({ isOnline, session }) =>
    isOnline && session !== undefined ? [session] : [],
  );
  return [
    ...here.filter((session) => !up.includes(session)).map((session): Finding => ['taken offline', session]),
    ...up.filter((session) => !here.includes(session)).map((session): Finding => ['online for ever', session]),
  ];
}

/** Invariant 3, by the log. */
function ends({ checks }: World): Finding[] {
  return [...checks.calls.values()].flatMap((call): Finding[] =>
    call.ended === undefined ? [['3 no end', call.callID]] : [],
  );
}

/** Invariant 3, by the clients that are there: each knows the end of each of its calls, and the right one. */
function told(world: World): Finding[] {
  return [...world.devices.values()].flatMap((device) => [...untold(device), ...wronglyTold(world, device)]);
}

function untold(device: Device): Finding[] {
  if (!device.isOnline) return [];
  return device.calls
    .live()
    .map(({ callID, requestID, phase }): Finding => [
      '3 never told',
      `${device.name} believes that ${String(callID ?? requestID)} is ${phase}`,
    ]);
}

const ofDevices = new Set(['answered_elsewhere', 'declined_elsewhere']);

function wronglyTold({ checks }: World, device: Device): Finding[] {
  const findings: Finding[] = [];
  for (const [callID, [reason = '']] of device.calls.ends) {
    const call = checks.calls.get(callID);
    if (call?.ended === undefined || reason === call.ended.reason || ofDevices.has(reason)) continue;
    if (forgotten(reason)) continue;
    findings.push([
      '3 another reason',
      `${device.name} is told ${reason}, and ${callID} ended as ${call.ended.reason}`,
    ]);
  }
  return findings;
}

/** What is said of a call that nobody remembers. */
const forgotten = (reason: string): boolean =>
  (['connection_lost', 'cancelled'] satisfies Reason[] as string[]).includes(reason);

/** Whoever watches was told the last state. */
function presence({ gateways, record }: World): Finding[] {
  const findings: Finding[] = [];
  for (const gateway of gateways.values()) {
    for (const [userID, told] of gateway.presence) {
      const line = linesOf(record.states).find((each) => each.userID === userID);
      const is: Presence = (line?.devices.length ?? 0) > 0 ? 'online' : 'offline';
      if (told !== is)
        findings.push(['a stale presence', `${gateway.id} was told ${String(told)} of ${userID}, who is ${is}`]);
    }
  }
  return findings;
}

/** Invariant 6, and that the log says all: folding its events gives exactly its states. Blobs are gone. */
async function folds(world: World): Promise<Finding[]> {
  const store = world.spectator();
  const placement = new Placement(() => []);
  const domain = createDomain({ partitions, policy: policyOf({ offlineCallee: 'unreachable' }), placement });
  const findings: Finding[] = [];
  for (let number = 0; number < partitions; number += 1) {
    const { differences, unverified } = await foldPartition(store, domain, number);
    findings.push(...differences.map((what): Finding => ['6 the log and its states', what]));
    if (unverified > 0) findings.push(['6 the log and its states', `${String(unverified)} without a beginning`]);
  }
  const refs = [...world.record.blobs];
  for (const [ref, number] of refs) {
    const [text] = await store.blobs(number, [ref]);
    if (text !== undefined) findings.push(['a blob for ever', ref]);
  }
  return findings;
}
