import { type Figure, median, quantile } from './consensus-figures.ts';
import type { BenchGroup } from './consensus-group.ts';
import type { LoadProcesses } from './consensus-load-processes.ts';
import { StoreClient } from './consensus-protocol.ts';
import type { Groups } from './consensus-throughput.ts';
import { folderMiB, residentMiB } from './process-facts.ts';

const attemptEveryMs = 5;
const giveUpMs = 30_000;

const others = (index: number): readonly number[] => [0, 1, 2].filter((other) => other !== index);

/** Time until a write is accepted that began after now. Every survivor is asked every few milliseconds, whatever became of the last try. */
const nextAcceptedWrite = async (group: BenchGroup, survivors: readonly number[]): Promise<number> => {
  const clients = survivors.map((index) => new StoreClient(group.store, group.targets[index] ?? ''));
  const beganAt = performance.now();
  const accepted = Promise.withResolvers<number>();
  let attempt = 0;
  const timer = setInterval(() => {
    attempt += 1;
    for (const client of clients) {
      client.put(`failover-${attempt % 100}`, Buffer.alloc(64), giveUpMs).then(
        () => accepted.resolve(performance.now() - beganAt),
        () => undefined, // Not yet: the next try comes.
      );
    }
    if (performance.now() - beganAt > giveUpMs) accepted.reject(new Error(`${group.store}: no write was accepted for ${giveUpMs} ms`));
  }, attemptEveryMs);
  try {
    return await accepted.promise;
  } finally {
    clearInterval(timer);
    for (const client of clients) client.close();
  }
};

/** kill -9 of the leader until the next accepted write. */
export const failover = async (groups: Groups, times: number): Promise<readonly Figure[]> => {
  const seen: Record<string, number[]> = { tso: [], etcd: [] };
  for (let turn = 0; turn < times; turn += 1) {
    for (const group of groups) {
      const leader = await group.leader();
      const killed = group.kill(leader);
      seen[group.store]?.push(await nextAcceptedWrite(group, others(leader)));
      await killed;
      await group.restart(leader);
      await group.caughtUp(leader);
    }
  }
  const figure = (what: string, share: number, goal?: string): Figure => ({
    what: `kill -9 of the leader to the next accepted write, ${what} of ${times}`,
    unit: 'ms',
    tso: quantile(seen.tso ?? [], share),
    etcd: quantile(seen.etcd ?? [], share),
    ...(goal === undefined ? {} : { goal }),
  });
  return [figure('median', 0.5, 'under 500'), figure('worst', 1)];
};

/** A restart of a follower whose log has so many bytes, none of them in a snapshot yet: spawn until a linearizable read is answered there. */
export const restartWithLog = async (
  start: () => Promise<Groups>,
  processes: LoadProcesses,
  logMiB: number,
  valueBytes: number,
): Promise<readonly Figure[]> => {
  const took: Record<string, number> = {};
  const onDisk: Record<string, number> = {};
  const memory: Record<string, number> = {};
  const groups = await start();
  try {
    for (const group of groups) {
      const leader = await group.leader();
      const target = group.targets[leader] ?? '';
      const writes = Math.ceil((logMiB * 2 ** 20) / valueBytes);
      await processes.run({
        store: group.store,
        targets: [target],
        clients: 64,
        valueBytes,
        name: 'log',
        keysPerClient: 16,
        warmUpMs: 0,
        durationMs: 0,
        writes,
      });
      const follower = others(leader)[0] ?? 0;
      await group.caughtUp(follower);
      await group.kill(follower);
      onDisk[group.store] = folderMiB(group.stateDir(follower));
      const beganAt = performance.now();
      await group.restart(follower);
      took[group.store] = performance.now() - beganAt;
      memory[group.store] = residentMiB(group.pid(follower));
    }
  } finally {
    for (const group of groups) await group.destroy();
  }
  return [
    {
      what: `restart with ${logMiB} MiB of log (values of ${valueBytes} bytes)`,
      unit: 's',
      tso: took.tso && took.tso / 1_000,
      etcd: took.etcd && took.etcd / 1_000,
      goal: '1 GiB under 10',
    },
    { what: '  files of the restarted member', unit: 'MiB', tso: onDisk.tso, etcd: onDisk.etcd },
    { what: '  its memory afterwards', unit: 'MiB', tso: memory.tso, etcd: memory.etcd },
  ];
};

/** Memory of the leader while a follower is down and writes go on: it must level off. */
export const memoryWhileDown = async (
  groups: Groups,
  processes: LoadProcesses,
  writesMiB: number,
  valueBytes: number,
): Promise<readonly Figure[]> => {
  const parts = 6;
  const series: Record<string, number[]> = {};
  for (const group of groups) {
    const leader = await group.leader();
    const down = others(leader)[0] ?? 0;
    await group.kill(down);
    const samples = [residentMiB(group.pid(leader))];
    for (let part = 0; part < parts; part += 1) {
      await processes.run({
        store: group.store,
        targets: [group.targets[leader] ?? ''],
        clients: 64,
        valueBytes,
        name: 'down',
        keysPerClient: 16,
        warmUpMs: 0,
        durationMs: 0,
        writes: Math.ceil((writesMiB * 2 ** 20) / valueBytes / parts),
      });
      samples.push(residentMiB(group.pid(leader)));
    }
    series[group.store] = samples;
    await group.restart(down);
    await group.caughtUp(down);
  }
  const at = (store: string, index: number): number | undefined => series[store]?.at(index);
  const figure = (what: string, index: number): Figure => ({ what, unit: 'MiB', tso: at('tso', index), etcd: at('etcd', index) });
  return [
    figure('leader, memory before a follower went down', 0),
    ...[2, 4, 6].map((index) => figure(`  after ${Math.round((writesMiB * index) / parts)} MiB of writes without it`, index)),
  ];
};

interface Beat {
  readonly quiet: readonly number[];
  readonly sending: readonly number[];
  readonly elections: number;
  readonly tookMs: number;
}

const beatsUntil = async (
  group: BenchGroup,
  target: string,
  key: string,
  until: (reads: number) => boolean,
): Promise<readonly number[]> => {
  const client = new StoreClient(group.store, target);
  const took: number[] = [];
  try {
    while (!until(took.length)) {
      const beganAt = performance.now();
      await client.get(key);
      took.push(performance.now() - beganAt);
    }
  } finally {
    client.close();
  }
  return took;
};

/** A linearizable read costs one heartbeat round: what it takes while a large snapshot goes to a follower that needs one. */
const snapshotBeats = async (group: BenchGroup, processes: LoadProcesses, stateMiB: number, overtakeEntries: number): Promise<Beat> => {
  const leader = await group.leader();
  const target = group.targets[leader] ?? '';
  const down = others(leader)[0] ?? 0;
  const write = (name: string, writes: number, valueBytes: number, keysPerClient: number) =>
    processes.run({
      store: group.store,
      targets: [target],
      clients: 16,
      valueBytes,
      name,
      keysPerClient,
      warmUpMs: 0,
      durationMs: 0,
      writes,
    });
  const largeBytes = 256 * 1024;
  await write('state', Math.ceil((stateMiB * 2 ** 20) / largeBytes), largeBytes, Number.MAX_SAFE_INTEGER);
  await group.kill(down);
  await write('over', overtakeEntries, 64, 16);
  const client = new StoreClient(group.store, target);
  await client.put('beat', Buffer.alloc(16));
  client.close();
  const quiet = await beatsUntil(group, target, 'beat', (reads) => reads === 500);
  const before = await group.elections();
  let done = false;
  const beganAt = performance.now();
  const recovered = group
    .restart(down)
    .then(() => group.caughtUp(down))
    .finally(() => {
      done = true;
    });
  const sending = await beatsUntil(group, target, 'beat', () => done);
  await recovered;
  return { quiet, sending, elections: (await group.elections()) - before, tookMs: performance.now() - beganAt };
};

export const snapshotSending = async (
  start: (entries: number) => Promise<Groups>,
  processes: LoadProcesses,
  stateMiB: number,
): Promise<readonly Figure[]> => {
  const beats: Record<string, Beat> = {};
  const entries = 4_000;
  const groups = await start(entries);
  try {
    // A follower that is behind by more than what the leader keeps needs the snapshot; etcd keeps 5,000 entries.
    for (const group of groups) beats[group.store] = await snapshotBeats(group, processes, stateMiB, 12_000);
  } finally {
    for (const group of groups) await group.destroy();
  }
  const figure = (what: string, unit: string, of: (beat: Beat) => number, goal?: string): Figure => ({
    what,
    unit,
    tso: beats.tso && of(beats.tso),
    etcd: beats.etcd && of(beats.etcd),
    ...(goal === undefined ? {} : { goal }),
  });
  return [
    figure(`a follower is brought up with a snapshot of ${stateMiB} MiB in`, 's', (beat) => beat.tookMs / 1_000),
    figure('  linearizable reads meanwhile: median', 'ms', (beat) => median(beat.sending)),
    figure('  p99', 'ms', (beat) => quantile(beat.sending, 0.99)),
    figure('  longest', 'ms', (beat) => quantile(beat.sending, 1), 'far under an election timeout'),
    figure('  p99 before', 'ms', (beat) => quantile(beat.quiet, 0.99)),
    figure('  elections meanwhile', '', (beat) => beat.elections, '0'),
  ];
};
