import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { isAlive } from '../../node-agent/src/runtime/processes.ts';
import type { ContainerProcess } from '../../node-agent/src/runtime/types.ts';
import { changeOf, fileAppears, isRunning, logText, onBothRuntimes, processOf, sleep } from './support/runtime-lab.ts';

/** Resolves when the monitor has gone, which it does once the exit is written; no agent is there to tell. */
const conmonGone = async (process: ContainerProcess): Promise<void> => {
  while (isAlive({ pid: process.conmonPid, startTime: process.conmonStartTime })) await new Promise((resolve) => setImmediate(resolve));
};

onBothRuntimes(test, 'a container whose agent ended before it could write down the processes is adopted by the next', async (t, lab) => {
  const plan = lab.plan({ command: sleep });
  const made = await lab.runtime.create(plan);
  const record = join(lab.dir, 'run/containers', plan.id, 'container.json');
  const { process: _process, ...rest } = JSON.parse(readFileSync(record, 'utf8')) as { readonly process: ContainerProcess };
  writeFileSync(record, JSON.stringify(rest));
  await lab.restart();
  t.deepEqual(await lab.runtime.observe(plan.id), { state: 'created', process: made });
  await lab.runtime.run(plan.id);
  t.deepEqual(await lab.runtime.observe(plan.id), { state: 'running', process: made, paused: false });
});

onBothRuntimes(test, 'a pid that was given to another process is neither taken for the container nor signalled', async (t, lab) => {
  const id = await lab.begin({ command: sleep });
  const before = await processOf(lab, id);
  const record = join(lab.dir, 'run/containers', id, 'container.json');
  const written = JSON.parse(readFileSync(record, 'utf8')) as { readonly process: ContainerProcess };
  writeFileSync(record, JSON.stringify({ ...written, process: { ...before, pidStartTime: '1', conmonStartTime: '1' } }));
  await lab.restart();
  t.like(await lab.runtime.observe(id), { state: 'lost' });
  await lab.runtime.kill(id, 'SIGKILL');
  t.true(isRunning(before));
});

onBothRuntimes(test, 'an exit that happened while no agent ran is seen by the next, and so is one that still runs', async (t, lab) => {
  const short = await lab.begin({ command: ['sh', '-c', 'until [ -e /tmp/go ]; do sleep 0.01; done; exit 6'] });
  const long = await lab.begin({ command: sleep });
  const before = await processOf(lab, long);
  await lab.runtime.stop();
  const reaped = conmonGone(await processOf(lab, short));
  writeFileSync(join(lab.rootfs, 'tmp/go'), '');
  await reaped;
  await lab.restart();
  const observed = await lab.runtime.observe(short);
  t.like(observed, { state: 'exited', exit: { exitCode: 6 } });
  t.deepEqual(await lab.runtime.observe(long), { state: 'running', process: before, paused: false });
  const change = changeOf(lab, long);
  await lab.runtime.kill(long, 'SIGKILL');
  await change;
  t.like(await lab.runtime.observe(long), { state: 'exited', exit: { exitCode: 137 } });
});

onBothRuntimes(test, 'a container whose conmon was killed is lost, is told of, and its processes end with its removal', async (t, lab) => {
  const id = await lab.begin({ command: sleep });
  const before = await processOf(lab, id);
  const change = changeOf(lab, id);
  process.kill(before.conmonPid, 'SIGKILL');
  await change;
  t.like(await lab.runtime.observe(id), { state: 'lost' });
  t.true(isRunning(before));
  await lab.runtime.remove(id);
  t.false(isRunning(before));
  t.deepEqual(await lab.runtime.observe(id), { state: 'none' });
});

onBothRuntimes(test, 'after a wipe of the run directory the next agent finds the processes by cgroup and ends them', async (t, lab) => {
  const id = await lab.begin({ command: sleep });
  const before = await processOf(lab, id);
  await lab.runtime.stop();
  rmSync(join(lab.dir, 'run'), { recursive: true });
  await lab.restart();
  t.deepEqual(await lab.runtime.list(), [id]);
  t.like(await lab.runtime.observe(id), { state: 'lost' });
  await lab.runtime.remove(id);
  t.false(isRunning(before));
  t.false(isAlive({ pid: before.conmonPid, startTime: before.conmonStartTime }));
  t.deepEqual(await lab.runtime.list(), []);
});

onBothRuntimes(test, 'the log goes on in a new file after a rename and the request to reopen', async (t, lab) => {
  const id = await lab.begin({ command: ['sh', '-c', 'echo first; until [ -e /tmp/go ]; do sleep 0.01; done; echo second'] });
  const path = lab.runtime.logPath(id);
  await fileAppears(lab, id, '.'); // The root folder is always there: by the time an exec ran, the first line was written.
  renameSync(path, `${path}.1`);
  await lab.runtime.reopenLog(id);
  // conmon serves its control fifo and the output in one loop: an exec's worth of time lies between the two.
  await fileAppears(lab, id, '.');
  writeFileSync(join(lab.rootfs, 'tmp/go'), '');
  await lab.ended(id);
  t.deepEqual([logText(`${path}.1`), logText(path)], ['first', 'second']);
});

onBothRuntimes(test, 'create and run again change nothing', async (t, lab) => {
  const plan = lab.plan({ command: sleep });
  const made = await lab.runtime.create(plan);
  t.like(await lab.runtime.observe(plan.id), { state: 'created', process: made });
  t.deepEqual(await lab.runtime.create(plan), made);
  await lab.runtime.run(plan.id);
  await lab.runtime.run(plan.id);
  t.deepEqual(await lab.runtime.observe(plan.id), { state: 'running', process: made, paused: false });
});
