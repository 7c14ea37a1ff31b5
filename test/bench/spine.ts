// One host, side by side: starting a container, `tso ps` as a process, memory at rest.
//   npm run bench            prints a table; with Debian's docker.io installed, Docker's figures from the same run beside it
// Figures are printed, never asserted: a machine has moods.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importBusybox } from '../lab/support/busybox-image.ts';
import { eventually } from '../lab/support/eventually.ts';
import { cliEntry, LabHost } from '../lab/support/lab-host.ts';
import { DockerPeer } from './docker-peer.ts';

const starts = 20;
const processRuns = 15;

interface Figure {
  readonly what: string;
  readonly ours: number;
  readonly unit: string;
  readonly peer?: { readonly name: string; readonly value: number };
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const beganAt = performance.now();
  await work();
  return performance.now() - beganAt;
};

const times = async (count: number, work: (index: number) => Promise<unknown>): Promise<readonly number[]> => {
  const all: number[] = [];
  for (let index = 0; index < count; index += 1) all.push(await timed(() => work(index)));
  return all;
};

interface StateLine {
  readonly msg: string;
  readonly state?: string;
  readonly sinceMs?: number;
  readonly step?: string;
  readonly ms?: number;
}

const logLines = (host: LabHost): readonly StateLine[] =>
  readFileSync(join(host.folder, 'tsod.log'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as StateLine);

/** From the agent learning of a task to its container running: namespaces, network, mounts, create and start. */
const startFigures = async (host: LabHost): Promise<readonly Figure[]> => {
  const yaml = 'services:\n  one: {image: "busybox:1"}\n';
  await host.upOk('bench', yaml);
  const before = logLines(host).length;
  for (let count = 2; count <= starts + 1; count += 1) await host.tsoOk(['scale', '-p', 'bench', `one=${count}`]);
  const lines = logLines(host).slice(before);
  const running = lines.filter((line) => line.msg === 'task state' && line.state === 'running').map((line) => line.sinceMs ?? 0);
  const steps = [...new Set(lines.flatMap((line) => (line.step === undefined ? [] : [line.step])))];
  const parts = steps.map((step) => ({
    what: `  of it: ${step}`,
    unit: 'ms',
    ours: median(lines.filter((line) => line.step === step).map((line) => line.ms ?? 0)),
  }));
  return [{ what: 'start one container on a network (agent: assigned to running)', ours: median(running), unit: 'ms' }, ...parts];
};

const residentMiB = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

const memoryFigures = async (host: LabHost): Promise<readonly Figure[]> => {
  await host.tsoOk(['scale', '-p', 'bench', 'one=10']);
  const agent = residentMiB(host.daemonPid ?? 0);
  const manager = residentMiB(await host.managerPid());
  return [
    { what: 'agent, resident, 10 containers', ours: agent, unit: 'MiB' },
    { what: 'manager, resident, 10 containers', ours: manager, unit: 'MiB' },
    { what: 'agent and manager together', ours: agent + manager, unit: 'MiB' },
  ];
};

const processFigures = async (host: LabHost): Promise<readonly Figure[]> => {
  const bare = median(await times(processRuns, () => host.run(process.execPath, ['-e', '0'])));
  const peer = { name: 'node -e 0', value: bare };
  return [
    { what: 'tso ps, whole process', ours: median(await times(processRuns, () => host.tsoOk(['ps']))), unit: 'ms', peer },
    { what: 'tso version, whole process', ours: median(await times(processRuns, () => host.tsoOk(['version']))), unit: 'ms', peer },
  ];
};

const runFigures = async (host: LabHost, docker: DockerPeer | undefined): Promise<readonly Figure[]> => {
  const ours = await times(5, (index) => host.tsoOk(['scale', '-p', 'bench', `one=${11 + index}`]));
  const figure: Figure = { what: 'tso scale by one, whole process, until it runs', ours: median(ours), unit: 'ms' };
  if (docker === undefined) return [figure];
  const theirs = await times(5, () => docker.runDetached());
  return [{ ...figure, peer: { name: 'docker run -d', value: median(theirs) } }];
};

const print = (figures: readonly Figure[]): void => {
  for (const { what, ours, unit, peer } of figures) {
    const beside = peer === undefined ? '' : `   ${peer.name} ${peer.value.toFixed(1)} ${unit}, ratio ${(ours / peer.value).toFixed(2)}`;
    console.log(`${what.padEnd(64)} ${ours.toFixed(1).padStart(8)} ${unit}${beside}`);
  }
};

const host = await LabHost.create();
const docker = await DockerPeer.startIfInstalled();
try {
  await host.startDaemon();
  await host.tsoOk(['init']);
  await importBusybox(host);
  await eventually('the command line is built', async () => (await host.run('ls', [cliEntry])) !== '');
  print(await startFigures(host));
  print(await memoryFigures(host));
  print(await processFigures(host));
  print(await runFigures(host, docker));
  if (docker === undefined) console.log('Docker is not installed (Debian package docker.io): its figures are left out');
} finally {
  await docker?.stop();
  await host.destroy();
}
