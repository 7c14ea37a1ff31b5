// What can happen to hosts and links, each with what undoes it.
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import type { LabHost } from '../support/lab-host.ts';
import { setClock } from './clock.ts';
import type { Lab } from './lab.ts';
import { killAll, namespacesOf, pidsInCgroup, pidsInNamespaces, readProc, signal } from './processes.ts';

export interface Fault {
  /** One line for people: what was done to whom. */
  readonly name: string;
  /** Everything is as before, but for what the fault has cost; whoever was started again answers. */
  undo(): Promise<void>;
}

/** Does the work while these faults last, and undoes them whatever comes of it. */
export const during = async <T>(faults: readonly Fault[], work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } finally {
    for (const fault of faults) await fault.undo();
  }
};

/** Process id of the manager on a host as the kernel knows it; undefined while there is none. */
export const managerPidOf = (host: LabHost): number | undefined => {
  const agent = host.daemonPid;
  const children = agent === undefined ? [] : readProc(agent, `task/${agent}/children`).trim().split(' ').filter(Boolean).map(Number);
  return children.find((pid) => readProc(pid, 'cmdline').split('\0').includes('--state-dir'));
};

const needManager = (host: LabHost): number => {
  const pid = managerPidOf(host);
  if (pid === undefined) throw new Error(`no manager runs on ${host.name}`);
  return pid;
};

/** Everybody on a host, in its containers or not. */
export const pidsOf = (host: LabHost): readonly number[] => [
  ...new Set([...pidsInNamespaces(namespacesOf(['mnt', 'net'].map((name) => join(host.pin, name)))), ...pidsInCgroup(host.cgroupParent)]),
];

const manager = 'manager';
const agent = 'agent';

/** kill -9 of the agent, which takes its manager with it; containers go on. Undone by starting it again. */
export const killAgent = async (host: LabHost): Promise<Fault> => {
  await host.stopDaemon('SIGKILL');
  return { name: `kill ${agent} ${host.name}`, undo: () => host.startDaemon() };
};

/** kill -9 of the manager alone. The agent starts it again by itself; undo() waits for that. */
export const killManager = async (host: LabHost): Promise<Fault> => {
  const killed = needManager(host);
  signal(killed, 'SIGKILL');
  const undo = async (): Promise<void> => {
    await eventually(`a manager runs on ${host.name} again`, () => ![undefined, killed].includes(managerPidOf(host)));
  };
  return { name: `kill ${manager} ${host.name}`, undo };
};

/** The power of a host is gone: every process of it, its links, mounts and its run directory. Undone by a boot. */
export const killHost = async (lab: Lab, host: LabHost): Promise<Fault> => {
  await lab.wires.disconnect(host.name);
  await killAll(`the processes of ${host.name}`, () => pidsOf(host));
  const undo = async (): Promise<void> => {
    await host.reboot();
    await host.startDaemon();
  };
  return { name: `kill host ${host.name}`, undo };
};

const paused = (name: string, pids: () => readonly number[]): Fault => {
  const stopped = new Set<number>();
  // Whoever was just being started is found by the second look.
  for (let look = 0; look < 2; look += 1) for (const pid of pids()) if (!stopped.has(pid) && signal(pid, 'SIGSTOP')) stopped.add(pid);
  return { name, undo: async () => void [...stopped].reverse().map((pid) => signal(pid, 'SIGCONT')) };
};

/** SIGSTOP: nothing of it runs, and none of its connections closes. */
export const pauseManager = async (host: LabHost): Promise<Fault> => {
  const pid = needManager(host);
  return paused(`pause ${manager} ${host.name}`, () => [pid]);
};

/** SIGSTOP for the agent alone: its manager, if it has one, goes on. */
export const pauseAgent = async (host: LabHost): Promise<Fault> => {
  const pid = host.daemonPid;
  if (pid === undefined) throw new Error(`no agent runs on ${host.name}`);
  return paused(`pause ${agent} ${host.name}`, () => [pid]);
};

/** SIGSTOP for everybody on the host, containers and all. */
export const pauseHost = async (host: LabHost): Promise<Fault> => paused(`pause host ${host.name}`, () => pidsOf(host));

const names = (hosts: readonly LabHost[]): readonly string[] => hosts.map(({ name }) => name);

/** Nothing goes between the two sets, either way, and nobody is told. */
export const partition = async (lab: Lab, ones: readonly LabHost[], others: readonly LabHost[]): Promise<Fault> => {
  await lab.wires.cut(names(ones), names(others));
  return {
    name: `partition ${names(ones).join(',')} | ${names(others).join(',')}`,
    undo: () => lab.wires.join(names(ones), names(others)),
  };
};

/** Nothing that `from` sends reaches `to`; what `to` sends arrives. */
export const oneWay = async (lab: Lab, from: LabHost, to: LabHost): Promise<Fault> => {
  await lab.wires.cutOneWay(from.name, to.name);
  return { name: `one-way ${from.name} x> ${to.name}`, undo: () => lab.wires.joinOneWay(from.name, to.name) };
};

/** The link of a host goes down and up again, each for half of the period. */
export const flap = async (lab: Lab, host: LabHost, periodMs: number): Promise<Fault> => {
  let ended = false;
  const wake = Promise.withResolvers<void>();
  const half = (): Promise<void> => Promise.race([wake.promise, new Promise<void>((resolve) => setTimeout(resolve, periodMs / 2))]);
  const loop = (async (): Promise<void> => {
    for (let up = false; !ended; up = !up) {
      await lab.wires.setLink(host.name, up);
      await half();
    }
  })();
  const undo = async (): Promise<void> => {
    ended = true;
    wake.resolve();
    await loop;
    await lab.wires.setLink(host.name, true);
  };
  return { name: `flap ${host.name} every ${periodMs} ms`, undo };
};

/** Fills the disk of a host's data directory, which must be one of its own, to the last byte. Undone by making room again. */
export const fillDisk = async (host: LabHost): Promise<Fault> => {
  const ballast = join(host.dataDir, 'ballast');
  const file = await open(ballast, 'w', 0o600);
  try {
    for (let chunk = 1 << 20; chunk > 0; ) {
      const written = await file.write(Buffer.alloc(chunk)).then(({ bytesWritten }) => bytesWritten, fullDisk);
      if (written < chunk) chunk >>= 1;
    }
  } finally {
    await file.close();
  }
  return { name: `fill-disk ${host.name}`, undo: () => rm(ballast, { force: true }) };
};

const fullDisk = (error: unknown): number => {
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return 0;
  throw error;
};

/** The clock of a host jumps so many seconds: every process of it sees that within one. Undone by jumping back. */
export const skew = async (host: LabHost, seconds: number): Promise<Fault> => {
  const file = join(host.folder, 'clock');
  await setClock(file, seconds);
  return { name: `skew ${host.name} by ${seconds} s`, undo: () => setClock(file, 0) };
};
