// Consensus, side by side with Debian's etcd-server in one run: three members each on this machine, fsync on.
//   node test/bench/consensus.ts [--format json] [--only throughput,failover,restart,memory,snapshot] [--stores tso,etcd] [--peers plain|tls] [--profile FOLDER]
//     [--clients 64] [--processes 2] [--rounds 3] [--seconds 4] [--failovers 10] [--log-mib 64] [--log-value-bytes 1024] [--down-mib 96] [--state-mib 100]
// Figures are printed, never asserted. The clients share the processors with all six members; how much each member took is printed too.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { failover, memoryWhileDown, restartWithLog, snapshotSending } from './consensus-failures.ts';
import { type Figure, figuresText } from './consensus-figures.ts';
import type { GroupSettings } from './consensus-group.ts';
import { LoadProcesses } from './consensus-load-processes.ts';
import { type Groups, throughput } from './consensus-throughput.ts';
import { TsoGroup } from './consensus-tso.ts';
import { EtcdGroup, etcdVersion } from './etcd-peer.ts';
import { cpuSeconds } from './process-facts.ts';

const text = (value: string) => ({ type: 'string', default: value }) as const;
const { values } = parseArgs({
  options: {
    format: text('text'),
    only: text('throughput,failover,restart,memory,snapshot'),
    stores: text('tso,etcd'),
    peers: text('plain'),
    profile: { type: 'string' },
    clients: text('64'),
    processes: text('2'),
    rounds: text('3'),
    seconds: text('4'),
    failovers: text('10'),
    'log-mib': text('64'),
    'log-value-bytes': text('1024'),
    'down-mib': text('96'),
    'state-mib': text('100'),
  },
});
const stores = values.stores.split(',');
const parts = values.only.split(',');
const valueBytes = 1_024;

const startGroups = async (settings: GroupSettings = {}): Promise<Groups> => {
  const profile = values.profile === undefined ? {} : { nodeFlags: ['--cpu-prof', `--cpu-prof-dir=${resolve(values.profile)}`] };
  const all: GroupSettings = { ...settings, ...profile, peers: values.peers === 'tls' ? 'tls' : 'plain' };
  const tso = stores.includes('tso') ? [await TsoGroup.start(all)] : [];
  try {
    return [...tso, ...(stores.includes('etcd') ? [await EtcdGroup.start(all)] : [])];
  } catch (error) {
    for (const group of tso) await group.destroy();
    throw error;
  }
};

const withGroups = async (work: (groups: Groups) => Promise<readonly Figure[]>): Promise<readonly Figure[]> => {
  const groups = await startGroups();
  try {
    return await work(groups);
  } finally {
    for (const group of groups) await group.destroy();
  }
};

const load = {
  clients: Number(values.clients),
  valueBytes,
  warmUpMs: 2_000,
  durationMs: Number(values.seconds) * 1_000,
  rounds: Number(values.rounds),
};
/** More than any run here writes. */
const noSnapshot = 100_000_000;

const work: Readonly<Record<string, (processes: LoadProcesses) => Promise<readonly Figure[]>>> = {
  throughput: (processes) => withGroups((groups) => throughput(groups, processes, load, cpuSeconds)),
  failover: () => withGroups((groups) => failover(groups, Number(values.failovers))),
  restart: (processes) =>
    restartWithLog(
      () => startGroups({ snapshotEntries: noSnapshot }),
      processes,
      Number(values['log-mib']),
      Number(values['log-value-bytes']),
    ),
  memory: (processes) => withGroups((groups) => memoryWhileDown(groups, processes, Number(values['down-mib']), valueBytes)),
  snapshot: (processes) => snapshotSending((snapshotEntries) => startGroups({ snapshotEntries }), processes, Number(values['state-mib'])),
};

const version = stores.includes('etcd') ? await etcdVersion() : undefined;
if (stores.includes('etcd') && version === undefined)
  throw new Error('etcd is not installed (Debian package etcd-server); without it: --stores tso');
const processes = LoadProcesses.start(Number(values.processes));
const figures: Figure[] = [];
try {
  for (const part of parts) {
    const measure = work[part];
    if (measure === undefined) throw new Error(`there is no part ${part}: choose from ${Object.keys(work).join(', ')}`);
    const seen = await measure(processes);
    figures.push(...seen);
    if (values.format !== 'json') console.log(`${figuresText(seen)}\n`);
  }
} finally {
  processes.stop();
}
const setting = {
  processors: availableParallelism(),
  loadProcesses: Number(values.processes),
  peers: values.peers,
  node: process.version,
  etcd: version,
};
if (values.format === 'json') console.log(JSON.stringify({ setting, figures }, undefined, 2));
else console.log(`values of ${valueBytes} bytes, ${JSON.stringify(setting)}`);
