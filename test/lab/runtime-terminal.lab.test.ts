import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
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
  t.deepEqual([...new Set([...seen].map((text) => text.replaceAll('\r', '')))], ['33 91\n']);
  // runc tells the terminal inside to add no carriage returns once the command may have begun: there may be one more.
  if (lab.name === 'crun') t.deepEqual([...seen], ['33 91\r\n']);
});

/** The file under /proc, empty once its process is gone. */
const procFile = (pid: string, name: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
};

/** The crun that this process has just begun. */
const ourExec = (): string | undefined =>
  readdirSync('/proc/self/task')
    .flatMap((thread) => procFile('self', `task/${thread}/children`).split(' '))
    .find((pid) => pid !== '' && procFile(pid, 'cmdline').startsWith('crun\0'));

/** Holds the crun of an exec that has just begun while it waits for its command to begin. Whether it was there in time. */
const holdCrun = async (): Promise<boolean> => {
  const deadline = Date.now() + 10_000;
  let pid: string | undefined;
  while (pid === undefined && Date.now() < deadline) pid = ourExec();
  if (pid === undefined) return false;
  let place = '';
  do {
    place = procFile(pid, 'wchan');
    if (place === '' || Date.now() > deadline) return false;
  } while (!place.endsWith('pipe_read'));
  process.kill(Number(pid), 'SIGSTOP');
  try {
    const children = procFile(pid, `task/${pid}/children`).trim().split(' ');
    const areOver = (): boolean => children.every((child) => /\nState:\t(Z|X)/.test(procFile(child, 'status')));
    while (!areOver() && Date.now() < deadline) await delay(1);
    return areOver();
  } finally {
    process.kill(Number(pid), 'SIGCONT');
  }
};

onBothRuntimes(test, 'what a command wrote last comes as it was written, also when it ended before the runtime looked', async (t, lab) => {
  const id = await lab.begin({ command: sleep });
  const options = { ...plainExec, command: ['printf', '\\033[1m\\303\\251%300d\\n', '1'], tty: true, size: { columns: 91, rows: 33 } };
  let held = 0;
  for (let round = 0; round < 20 && held < 3; round += 1) {
    const exec = await lab.runtime.exec(id, options);
    if (lab.name === 'crun' && (await holdCrun())) held += 1;
    const { stdout, code } = await execResult(exec);
    t.deepEqual([stdout.replaceAll('\r', ''), code], [`\u001b[1mé${'1'.padStart(300)}\n`, 0], `round ${round}`);
  }
  t.is(held, lab.name === 'crun' ? 3 : 0, 'how often crun was held');
});
