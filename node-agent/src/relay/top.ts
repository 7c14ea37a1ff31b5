import { readFile } from 'node:fs/promises';
import { type Clock, type RelayFrame, TsoError } from '@tso/proto';
import { idInside } from '../copy/owner.ts';
import { inParallel } from '../image/in-parallel.ts';
import { readTextInRoot } from '../runtime/rootfs-files.ts';
import type { Containers } from '../runtime/types.ts';
import { parsePasswd } from '../runtime/users.ts';
import { depthOf, type ProcessTexts, processList } from './process-list.ts';

export interface TopPorts {
  readonly clock: Clock;
  readonly containers: Pick<Containers, 'observe' | 'processes' | 'files'>;
}

/** Of a container with more processes than this only the first are shown. */
const processesMax = 10_000;
const readAtOnce = 64;

/** undefined: it has ended meanwhile. */
const textsOf = async (pid: number): Promise<ProcessTexts | undefined> => {
  try {
    const [stat, status, cmdline] = await Promise.all(
      ['stat', 'status', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
    );
    return stat === undefined || status === undefined || cmdline === undefined ? undefined : { pid, stat, status, cmdline };
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
};

const bootSeconds = async (): Promise<number> => Number(/^btime (\d+)$/m.exec(await readFile('/proc/stat', 'utf8'))?.[1] ?? 0);

const startText = (atMs: number, nowMs: number): string => {
  const [at, now] = [new Date(atMs), new Date(nowMs)];
  const two = (value: number): string => String(value).padStart(2, '0');
  if (at.toDateString() === now.toDateString()) return `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.getFullYear() !== now.getFullYear()) return String(at.getFullYear());
  return `${at.toLocaleString('en', { month: 'short' })}${two(at.getDate())}`;
};

/** What runs in the container's cgroup, then `end`. FAILED_PRECONDITION: it does not run. */
export async function* topFrames(taskId: string, { clock, containers }: TopPorts): AsyncGenerator<RelayFrame> {
  const observed = await containers.observe(taskId);
  const place = await containers.files(taskId);
  const pids = await containers.processes(taskId);
  const first = observed.state === 'running' ? await textsOf(observed.process.pid) : undefined;
  if (first === undefined || place === undefined)
    throw new TsoError('FAILED_PRECONDITION', `the task ${taskId} is not running`, { hint: 'See what is: tso ps' });
  const users = new Map(parsePasswd(readTextInRoot(`/proc/${first.pid}/root`, '/etc/passwd')).map(({ uid, name }) => [uid, name]));
  const texts: ProcessTexts[] = [];
  await inParallel(pids.slice(0, processesMax), readAtOnce, undefined, async (pid) => {
    const found = await textsOf(pid);
    if (found !== undefined) texts.push(found);
  });
  yield {
    processes: processList(texts, {
      bootSeconds: await bootSeconds(),
      nowMs: clock.now(),
      namespaceDepth: depthOf(first.status),
      userName: (hostUid) => users.get(idInside(hostUid, place.shift)) ?? String(idInside(hostUid, place.shift)),
      startText,
    }),
  };
  if (pids.length > processesMax) yield { warning: `${pids.length - processesMax} of ${pids.length} processes are not shown` };
  yield { end: true };
}
