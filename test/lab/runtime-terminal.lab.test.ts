import { spawn } from 'node:child_process';
import test from 'ava';
import { execResult, onBothRuntimes, plainExec, sleep } from './support/runtime-lab.ts';

/** Twice as many programs as there are cores want the processor all the time. */
const onBusyHost = async (work: () => Promise<void>): Promise<void> => {
  const hogs = Array.from({ length: 6 }, () => spawn('timeout', ['60', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' }));
  try {
    await work();
  } finally {
    for (const hog of hogs) hog.kill();
  }
};

onBothRuntimes(test, 'a command on a terminal finds its size with its first question, also on a busy host', async (t, lab) => {
  const id = await lab.begin({ command: sleep });
  const options = { ...plainExec, command: ['stty', 'size'], tty: true, size: { columns: 91, rows: 33 } };
  const seen = new Set<string>();
  await onBusyHost(async () => {
    for (let round = 0; round < 25; round += 1) seen.add((await execResult(await lab.runtime.exec(id, options))).stdout);
  });
  // crun says what a command wrote last, when that ended before crun looked, by way of its own log: with the time before it.
  t.deepEqual(new Set([...seen].map((text) => text.replace(/^\S+Z: /, '').trim())), new Set(['33 91']));
});
