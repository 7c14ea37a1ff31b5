// The lab of many hosts itself: that each of its faults does what its name says, and that nothing of a lab outlives its owner.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import {
  fillDisk,
  flap,
  killAgent,
  killHost,
  killManager,
  managerPidOf,
  oneWay,
  partition,
  pauseHost,
  pidsOf,
  skew,
} from './hosts/faults.ts';
import { Lab } from './hosts/lab.ts';
import { cgroupsBeginning, readProc } from './hosts/processes.ts';
import { mountsBelow } from './hosts/sweep.ts';
import { importBusybox } from './support/busybox-image.ts';
import { eventually } from './support/eventually.ts';
import type { LabHost } from './support/lab-host.ts';

const lab = await Lab.create({ hosts: ['h1', 'h2', 'h3'], clocks: true, disks: { h1: 96 } });
const [one, two, three] = ['h1', 'h2', 'h3'].map((name) => lab.host(name)) as [LabHost, LabHost, LabHost];
test.before(async () => {
  await one.startDaemon();
  await one.tsoOk(['init']);
  await importBusybox(one);
  await one.upOk('app', 'services:\n  app: { image: "busybox:1", stop_grace_period: 500ms, deploy: { replicas: 2 } }\n');
});
test.after.always(() => lab.destroy());

const pings = async (from: LabHost, to: LabHost): Promise<boolean> =>
  (await from.exec('/bin/busybox', ['ping', '-c', '1', '-W', '5', to.name])).code === 0;

const netTool = join(import.meta.dirname, 'support/net-tool.ts');

/** How many of some datagrams get there, whether or not an answer could come back. */
const heard = async (from: LabHost, to: LabHost): Promise<number> => {
  const listener = to.spawn(process.execPath, [netTool, 'hear', to.address, '7777']);
  let said = '';
  listener.stdout?.on('data', (data: Buffer) => {
    said += data.toString();
  });
  await eventually('it listens', () => said.startsWith('ready'));
  for (let count = 0; count < 3; count += 1) await from.run(process.execPath, [netTool, 'send', to.address, '7777', 'hello']);
  // What its own host sends goes no way that could be cut: it comes last.
  await to.run(process.execPath, [netTool, 'send', to.address, '7777', 'end']);
  await eventually('the last one is heard', () => said.includes('end'));
  listener.kill('SIGKILL');
  return said.split('hello').length - 1;
};

const reaches = async (): Promise<Readonly<Record<string, boolean>>> => ({
  '1-2': await pings(one, two),
  '1-3': await pings(one, three),
  '2-3': await pings(two, three),
});

test.serial('hosts have a name and an address each and reach each other by name', async (t) => {
  t.is((await two.run('hostname', [])).trim(), 'h2');
  t.deepEqual(await reaches(), { '1-2': true, '1-3': true, '2-3': true });
  t.true((await lab.client('/bin/busybox', ['ping', '-c', '1', two.address])).includes('1 packets received'));
});

test.serial('partition cuts sets of hosts from each other, both ways, and no other link', async (t) => {
  const fault = await partition(lab, [one], [two]);
  t.is(fault.name, 'partition h1 | h2');
  t.deepEqual(await reaches(), { '1-2': false, '1-3': true, '2-3': true });
  await fault.undo();
  t.deepEqual(await reaches(), { '1-2': true, '1-3': true, '2-3': true });
});

test.serial('one-way drops what one sends and lets pass what the other sends', async (t) => {
  const fault = await oneWay(lab, two, three);
  t.deepEqual([await heard(two, three), await heard(three, two)], [0, 3]);
  await fault.undo();
  t.is(await heard(two, three), 3);
});

test.serial('flap takes a link down and up until it is undone', async (t) => {
  const fault = await flap(lab, three, 800);
  for (const wished of [false, true, false]) await eventually(`h3 is reached: ${wished}`, async () => (await pings(two, three)) === wished);
  await fault.undo();
  for (let count = 0; count < 3; count += 1) t.true(await pings(two, three));
});

test.serial('skew moves the clock of one host, of what runs there too, and leaves its monotonic clock alone', async (t) => {
  /** Whether what a host takes for the time is so many seconds from the right one, to the second that `date` shows. */
  const isOff = async (host: LabHost, seconds: number): Promise<boolean> => {
    const before = Math.floor(Date.now() / 1_000);
    const shown = Number(await host.run('date', ['+%s'])) - seconds;
    return before - 1 <= shown && shown <= Date.now() / 1_000 + 1;
  };
  const clocks = two.spawn(process.execPath, ['-e', 'setInterval(() => console.log(Date.now() - performance.now()), 100)']);
  let last = 0;
  clocks.stdout?.on('data', (data: Buffer) => {
    last = Number(data.toString().trim().split('\n').at(-1));
  });
  const before = await eventually('its clocks are read', () => last !== 0 && last);
  const fault = await skew(two, 3_600);
  await eventually('the running process sees the jump', () => Math.abs(last - before - 3_600_000) < 1_000);
  t.true(await isOff(two, 3_600));
  t.true(await isOff(three, 0));
  await fault.undo();
  await eventually('the running process sees the jump back', () => Math.abs(last - before) < 1_000);
  clocks.kill('SIGKILL');
});

test.serial('fill-disk leaves not a byte of the host’s disk, until it is undone', async (t) => {
  const write = async (): Promise<string> => {
    const file = await open(join(one.dataDir, 'trial'), 'w');
    return file
      .write(Buffer.alloc(8_192))
      .then(
        ({ bytesWritten }) => `wrote ${bytesWritten}`,
        (error: NodeJS.ErrnoException) => error.code ?? '',
      )
      .finally(() => file.close());
  };
  const fault = await fillDisk(one);
  t.is(await write(), 'ENOSPC');
  await fault.undo();
  t.is(await write(), 'wrote 8192');
});

test.serial('kill of the manager alone leaves the agent, and the agent starts another one', async (t) => {
  const before = managerPidOf(one);
  const agent = one.daemonPid;
  const fault = await killManager(one);
  await fault.undo();
  t.not(managerPidOf(one), before);
  t.is(one.daemonPid, agent);
  t.is((await one.mainPids()).size, 2);
});

test.serial('kill of the agent leaves the containers alone', async (t) => {
  const before = await one.mainPids();
  const fault = await killAgent(one);
  t.is(managerPidOf(one), undefined);
  t.deepEqual(await one.mainPids(), before);
  await fault.undo();
  t.deepEqual(await one.mainPids(), before);
});

test.serial('pause stops every process of a host, containers and all, and lets them go on', async (t) => {
  const states = (): ReadonlySet<string> => new Set(pidsOf(one).map((pid) => /^State:\t(\w)/m.exec(readProc(pid, 'status'))?.[1] ?? ''));
  const fault = await pauseHost(one);
  t.true(pidsOf(one).length >= 6);
  await eventually('all are stopped', () => [...states()].join() === 'T');
  await fault.undo();
  await eventually('none is stopped', () => !states().has('T'));
  t.is((await one.tso(['ps'])).code, 0);
});

test.serial('kill of a host ends everything on it; a boot starts it from its data alone', async (t) => {
  const before = [...(await one.mainPids()).keys()];
  const fault = await killHost(lab, one);
  t.deepEqual(pidsOf(one), []);
  t.false(await pings(two, one));
  await fault.undo();
  const after = await eventually('its service runs again', async () => {
    const pids = await one.mainPids();
    return pids.size === 2 && pids;
  });
  t.false([...after.keys()].some((id) => before.includes(id)));
  t.true(await pings(two, one));
});

test.serial('a lab whose owner is killed is removed all the same', async (t) => {
  const lines = [
    `import { Lab } from ${JSON.stringify(join(import.meta.dirname, 'hosts/lab.ts'))};`,
    `const lab = await Lab.create({ hosts: ['x'], disks: { x: 8 } });`,
    `const host = lab.host('x');`,
    `await host.startDaemon();`,
    `console.log(lab.folder + ' ' + host.cgroupParent + ' ' + host.daemonPid);`,
    `setInterval(() => undefined, 1_000);`,
  ];
  const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', lines.join('\n')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  owner.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const line = await eventually('the lab stands', () => said.endsWith('\n') && said.trim());
  const [folder = '', cgroup = '', pid = ''] = line.split(' ');
  t.true(existsSync(folder) && existsSync(`/proc/${pid}`));
  owner.kill('SIGKILL');
  await eventually('its folder is gone', () => !existsSync(folder));
  t.notRegex(readProc(Number(pid), 'status'), /^State:\t[^Z]/m);
  t.deepEqual(mountsBelow(folder), []);
  t.deepEqual(cgroupsBeginning(cgroup), []);
});
