import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runCommand } from '../../node-agent/src/host-command.ts';
import { rotate } from '../../node-agent/src/logs/log-files.ts';
import { makeSharedMemory, removeSharedMemory } from '../../node-agent/src/runtime/shared-memory.ts';
import type { ResolvedMount } from '../../node-agent/src/runtime/types.ts';
import { makeMountPoints } from '../../node-agent/src/task/mount-points.ts';
import { eventually } from './support/eventually.ts';
import { cgroupFolders, execResult, logText, onBothRuntimes, plainExec, processOf, type RuntimeLab, sleep } from './support/runtime-lab.ts';

const fileMount = (source: string, target: string, flags: readonly string[] = ['nosuid', 'nodev', 'noexec']): ResolvedMount => ({
  kind: 'bind',
  source,
  target,
  readOnly: true,
  propagation: 'rprivate',
  recursive: false,
  sizeBytes: 0,
  mode: 0,
  flags,
});

/** A file as the agent puts a secret in place. */
const secretFile = (lab: RuntimeLab, name: string, text: string, mode: number, owner = 0): string => {
  const folder = join(lab.dir, 'memory');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  writeFileSync(path, text);
  chownSync(path, owner, owner);
  chmodSync(path, mode);
  return path;
};

const inside = async (lab: RuntimeLab, id: string, ...command: readonly string[]) => {
  const { stdout, stderr, code } = await execResult(await lab.runtime.exec(id, { ...plainExec, command }));
  return { said: `${stdout}${stderr}`, code };
};

onBothRuntimes(
  test,
  'a secret is a file of its owner and mode below a read-only root, and can be neither written nor run',
  async (t, lab) => {
    const id = await lab.begin({
      command: sleep,
      spec: { readOnly: true },
      plan: {
        mounts: [
          fileMount(secretFile(lab, 'key', 'sesame', 0o400, 1000), '/run/secrets/key'),
          fileMount(secretFile(lab, 'run', '#!/bin/sh\necho ran\n', 0o755), '/run/secrets/run'),
          fileMount(secretFile(lab, 'start', '#!/bin/sh\necho ran\n', 0o755), '/start', ['nosuid', 'nodev']),
        ],
      },
    });
    t.deepEqual(await inside(lab, id, 'cat', '/run/secrets/key'), { said: 'sesame', code: 0 });
    t.is((await inside(lab, id, 'stat', '-c', '%u %g %a', '/run/secrets/key')).said, '1000 1000 400\n');
    t.not((await inside(lab, id, 'sh', '-c', 'echo x > /run/secrets/key')).code, 0);
    t.not((await inside(lab, id, 'rm', '/run/secrets/key')).code, 0);
    t.not((await inside(lab, id, '/run/secrets/run')).code, 0);
    t.deepEqual(await inside(lab, id, '/start'), { said: 'ran\n', code: 0 });
    t.is(readFileSync(join(lab.rootfs, 'run/secrets/key'), 'utf8'), '', 'what is in the root filesystem is empty');
  },
);

onBothRuntimes(test, 'a link in the image does not lead a secret out of the container', async (t, lab) => {
  const outside = join(lab.dir, 'outside');
  mkdirSync(outside);
  symlinkSync(outside, join(lab.rootfs, 'absolute'));
  symlinkSync(`../../../../../../../../../../../..${outside}`, join(lab.rootfs, 'relative'));
  const source = secretFile(lab, 'key', 'sesame', 0o444);
  for (const target of ['/absolute/key', '/relative/key']) {
    const mounts = [fileMount(source, target)];
    await makeMountPoints({ rootfs: lab.rootfs, shift: undefined }, mounts);
    const id = await lab.begin({ command: sleep, plan: { mounts } });
    t.is((await inside(lab, id, 'cat', target)).said, 'sesame', target);
    t.false(existsSync(join(outside, 'key')), target);
    await lab.runtime.remove(id);
  }
});

onBothRuntimes(test, 'who shares the processes of another sees them and ends with it', async (t, lab) => {
  const lender = await lab.begin({ command: ['sleep', '601'] });
  const { pid } = await processOf(lab, lender);
  const borrower = await lab.begin({
    command: ['sleep', '602'],
    spec: { pidMode: 'service:db' },
    plan: { pidNamespace: `/proc/${pid}/ns/pid` },
  });
  t.regex((await inside(lab, borrower, 'ps')).said, /sleep 601[\s\S]*sleep 602/);
  t.regex((await inside(lab, lender, 'ps')).said, /sleep 602/);
  await lab.runtime.kill(lender, 'SIGKILL');
  t.is((await lab.ended(borrower)).exitCode, 137);
});

onBothRuntimes(test, 'who shares the IPC of another has its message queues and its /dev/shm, of the size that was said', async (t, lab) => {
  const sharedMemory = join(lab.dir, 'run', 'shm-lender');
  await makeSharedMemory(sharedMemory, 1024 * 1024);
  await makeSharedMemory(sharedMemory, 1024 * 1024);
  try {
    const lender = await lab.begin({ command: sleep, spec: { ipcMode: 'shareable' }, plan: { sharedMemory } });
    const { pid } = await processOf(lab, lender);
    const borrower = await lab.begin({
      command: sleep,
      spec: { ipcMode: 'service:db' },
      plan: { sharedMemory, ipcNamespace: `/proc/${pid}/ns/ipc` },
    });
    const other = await lab.begin({ command: sleep });
    t.is((await inside(lab, lender, 'sh', '-c', 'echo hello > /dev/shm/note')).code, 0);
    t.is((await inside(lab, borrower, 'cat', '/dev/shm/note')).said, 'hello\n');
    t.not((await inside(lab, other, 'cat', '/dev/shm/note')).code, 0);
    t.not((await inside(lab, borrower, 'sh', '-c', 'head -c 2000000 /dev/zero > /dev/shm/large')).code, 0);
    const namespace = async (id: string) => (await inside(lab, id, 'readlink', '/proc/1/ns/ipc')).said;
    t.is(await namespace(lender), await namespace(borrower));
    t.not(await namespace(lender), await namespace(other));
  } finally {
    await removeSharedMemory(sharedMemory);
    await removeSharedMemory(sharedMemory);
  }
  t.false(existsSync(sharedMemory));
});

onBothRuntimes(
  test,
  'a cgroup_parent lies below the group of the node, is known to the next agent, and goes with its last container',
  async (t, lab) => {
    const place = `${lab.cgroupParent}/apps/web`;
    const begin = async (parent: string): Promise<string> => {
      const plan = lab.plan({ command: sleep, limits: { memoryBytes: 64 * 1024 * 1024 } });
      await lab.runtime.create({ ...plan, cgroupPath: `${parent}/${plan.id}` });
      await lab.runtime.run(plan.id);
      return plan.id;
    };
    const [one, two] = [await begin(place), await begin(`${lab.cgroupParent}/apps`)];
    t.true(cgroupFolders(`${place}/${one}`).length > 0);
    t.deepEqual(await lab.runtime.list(), [one, two].toSorted());
    await lab.restart();
    t.deepEqual(await lab.runtime.list(), [one, two].toSorted());
    t.is((await lab.runtime.observe(one)).state, 'running');
    t.true(((await lab.runtime.stats(one))?.memoryLimitBytes ?? 0) === 64 * 1024 * 1024);
    await lab.runtime.remove(one);
    t.deepEqual(cgroupFolders(place), []);
    t.true(cgroupFolders(`${lab.cgroupParent}/apps`).length > 0);
    await lab.runtime.remove(two);
    t.deepEqual(cgroupFolders(`${lab.cgroupParent}/apps`), []);
  },
);

onBothRuntimes(test, 'a container that writes into the log of another does so beside it', async (t, lab) => {
  const main = lab.plan({ command: ['echo', 'from the main one'] });
  await lab.runtime.create(main);
  const hook = lab.plan({ command: ['sh', '-c', 'echo from its hook; exit 3'], plan: { logOf: main.id } });
  await lab.runtime.create(hook);
  await lab.runtime.run(hook.id);
  t.is((await lab.ended(hook.id)).exitCode, 3);
  t.is(logText(lab.runtime.logPath(main.id)), 'from its hook');
  await lab.runtime.run(main.id);
  await lab.ended(main.id);
  t.is(logText(lab.runtime.logPath(main.id)), 'from its hook\nfrom the main one');
});

onBothRuntimes(
  test,
  'a log that is put aside while a hook writes goes on in a new file, which the container itself is given then',
  async (t, lab) => {
    const main = lab.plan({ command: ['echo', 'from the main one'] });
    const path = lab.runtime.logPath(main.id);
    await lab.runtime.create(main);
    const script = 'echo one; until [ -e /tmp/go-on ]; do sleep 0.01; done; echo two';
    const hook = lab.plan({ command: ['sh', '-c', script], plan: { logOf: main.id, logMaxSizeBytes: 0 } });
    await lab.runtime.create(hook);
    await lab.runtime.run(hook.id);
    await eventually('the hook speaks', async () => logText(path) === 'one');
    await rotate(path, 3);
    await lab.runtime.reopenLog(main.id);
    await eventually('there is a new file', async () => existsSync(path));
    writeFileSync(join(lab.rootfs, 'tmp/go-on'), '');
    await lab.ended(hook.id);
    t.is(logText(path), 'two');
    await rotate(path, 3);
    await lab.runtime.reopenLog(main.id);
    await eventually('there is another new file', async () => existsSync(path));
    await lab.runtime.run(main.id);
    await lab.ended(main.id);
    t.deepEqual(
      [`${path}.1`, `${path}.2`, path].map((file) => logText(file)),
      ['one', 'two', 'from the main one'],
    );
  },
);

onBothRuntimes(test, 'in a user namespace too a secret has its owner, and processes and IPC are shared', async (t, lab) => {
  await runCommand('chown', ['-R', '300000:300000', lab.rootfs]);
  chmodSync(lab.dir, 0o711);
  const shift = { base: 300_000, size: 65_536 };
  const sharedMemory = join(lab.dir, 'run', 'shm-lender');
  await makeSharedMemory(sharedMemory, 0);
  try {
    const mounts = [fileMount(secretFile(lab, 'key', 'sesame', 0o400, 301_000), '/run/secrets/key')];
    await makeMountPoints({ rootfs: lab.rootfs, shift }, mounts);
    const lender = await lab.begin({ command: ['sleep', '601'], spec: { ipcMode: 'shareable' }, plan: { shift, mounts, sharedMemory } });
    t.is((await inside(lab, lender, 'stat', '-c', '%u %g %a', '/run/secrets/key')).said, '1000 1000 400\n');
    t.is((await inside(lab, lender, 'cat', '/run/secrets/key')).said, 'sesame');
    t.not((await inside(lab, lender, 'sh', '-c', 'echo x > /run/secrets/key')).code, 0);
    const { pid } = await processOf(lab, lender);
    const namespace = (kind: string): string => `/proc/${pid}/ns/${kind}`;
    const borrower = await lab.begin({
      command: ['sleep', '602'],
      spec: { pidMode: 'service:db', ipcMode: 'service:db' },
      plan: { shift, sharedMemory, pidNamespace: namespace('pid'), ipcNamespace: namespace('ipc'), userNamespace: namespace('user') },
    });
    t.regex((await inside(lab, borrower, 'ps')).said, /sleep 601[\s\S]*sleep 602/);
    t.is((await inside(lab, lender, 'sh', '-c', 'echo hello > /dev/shm/note')).code, 0);
    t.is((await inside(lab, borrower, 'cat', '/dev/shm/note')).said, 'hello\n');
  } finally {
    await removeSharedMemory(sharedMemory);
  }
});
