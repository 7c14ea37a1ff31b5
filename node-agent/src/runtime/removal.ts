import { type Clock, TsoError } from '@tso/proto';
import { isInCgroup } from './cgroup.ts';
import type { Cgroups } from './cgroup-tree.ts';
import { identify, isAlive, type ProcessIdentity, readProcess, signalProcess } from './processes.ts';

const SIGKILL = 9;
/** A process in an uninterruptible wait (a dead disk, a hung NFS) does not die before that ends. */
const killTimeoutMs = 10_000;
const conmonTimeoutMs = 2_000;
const freezeMs = 1_000;
const freezeAttempts = 10;

const pause = (clock: Clock, delayMs: number): Promise<void> => new Promise((resolve) => void clock.setTimer(delayMs, resolve));

/** Looks until it holds, soon at first, then every 50 ms; false when the time is over. */
const until = async (holds: () => boolean, timeoutMs: number, clock: Clock): Promise<boolean> => {
  const deadline = clock.monotonic() + timeoutMs;
  for (let delayMs = 1; !holds(); delayMs = Math.min(50, delayMs * 2)) {
    if (clock.monotonic() > deadline) return false;
    await pause(clock, delayMs);
  }
  return true;
};

/** Signals each process of the cgroup; frozen meanwhile, so that none forks away between the listing and the signal. */
const killEach = (cgroups: Cgroups, path: string): void => {
  cgroups.freeze(path);
  try {
    for (const pid of cgroups.processes(path)) {
      const identity = identify(pid);
      if (identity !== undefined && isInCgroup(readProcess(pid, 'cgroup') ?? '', path)) signalProcess(identity, SIGKILL);
    }
  } finally {
    cgroups.thaw(path);
  }
};

/** Ends every process of a cgroup. UNAVAILABLE when some do not die. */
export const killCgroup = async (cgroups: Cgroups, path: string, clock: Clock): Promise<void> => {
  const isEmpty = (): boolean => {
    if (cgroups.processes(path).every((pid) => identify(pid) === undefined)) return true;
    if (!cgroups.killAtOnce(path)) killEach(cgroups, path);
    return false;
  };
  if (await until(isEmpty, killTimeoutMs, clock)) return;
  throw new TsoError('UNAVAILABLE', `processes ${cgroups.processes(path).join(', ')} in the cgroup ${path} do not end after SIGKILL`, {
    hint: 'They wait in the kernel, mostly for a disk or a network file system: see the state D in ps, and dmesg',
  });
};

/** Removes an emptied cgroup; the kernel needs a moment after the last process. UNAVAILABLE when it stays busy. */
export const removeCgroup = async (cgroups: Cgroups, path: string, clock: Clock): Promise<void> => {
  if (await until(() => cgroups.remove(path), killTimeoutMs, clock)) return;
  throw new TsoError('UNAVAILABLE', `the cgroup ${path} is still in use and cannot be removed`);
};

/** Lets a monitor whose container has ended write its files and leave; ends it when it does not. */
export const endConmon = async (conmon: ProcessIdentity, clock: Clock): Promise<void> => {
  if (await until(() => !isAlive(conmon), conmonTimeoutMs, clock)) return;
  signalProcess(conmon, SIGKILL);
  await until(() => !isAlive(conmon), conmonTimeoutMs, clock);
};

/**
 * Stops every process of a cgroup where it is. One that forks at the wrong moment keeps a cgroup of version 1 FREEZING for good: it is let go and
 * stopped again (cgroup-v1/freezer-subsystem.rst). UNAVAILABLE when one does not stop; none is stopped then.
 */
export const freezeCgroup = async (
  cgroups: Pick<Cgroups, 'canFreeze' | 'freeze' | 'isFrozen' | 'thaw'>,
  path: string,
  clock: Clock,
): Promise<void> => {
  if (!cgroups.canFreeze)
    throw new TsoError('FAILED_PRECONDITION', 'this host has no control group that freezes processes', {
      hint: 'Mount the controller freezer, or use control groups of version 2',
    });
  for (let attempt = 0; attempt < freezeAttempts; attempt += 1) {
    cgroups.freeze(path);
    if (await until(() => cgroups.isFrozen(path), freezeMs, clock)) return;
    cgroups.thaw(path);
  }
  throw new TsoError('UNAVAILABLE', `the processes in the cgroup ${path} could not be paused: one waits in the kernel`, {
    hint: 'It waits mostly for a disk or a network file system: see the state D in ps, and dmesg',
  });
};
