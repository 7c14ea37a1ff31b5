import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import test from 'ava';
import { command } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import type { TaskRow } from './support/lab-host.ts';
import { oneHost } from './support/one-host.ts';

const stack = `
services:
  counter:
    image: busybox:1
    command: ["/bin/sh", "-c", "i=0; while true; do i=$$((i+1)); echo line $$i; usleep 20000; done"]
    ports: ["8081:80"]
    stop_grace_period: 500ms
    deploy: { replicas: 2, restart_policy: { delay: 0s } }
`;

const { host } = await oneHost((host) => host.upOk('app', stack));

const running = async (): Promise<readonly TaskRow[]> => (await host.ps('-p', 'app')).filter((task) => task.state === 'running');
const ids = async () => (await running()).map((task) => task.id).sort();

test.serial('kill -9 of the agent leaves the containers running, and the next agent adopts them', async (t) => {
  const before = await host.mainPids();
  t.is(before.size, 2);
  await host.stopDaemon('SIGKILL');
  t.deepEqual(await host.mainPids(), before);
  await host.startDaemon();
  await eventually('both are seen running', async () => (await running()).length === 2);
  t.deepEqual(await host.mainPids(), before);
});

test.serial('an exit while no agent runs is seen by the next one', async (t) => {
  const before = await ids();
  const pids = await host.mainPids();
  await host.stopDaemon('SIGKILL');
  const [victim = ''] = before;
  await command('kill', ['-9', String(pids.get(victim))]);
  await host.startDaemon();
  const after = await eventually('the ended one is replaced', async () => {
    const now = await ids();
    return now.length === 2 && !now.includes(victim) && now;
  });
  t.is(after.filter((id) => before.includes(id)).length, 1);
  const ended = (await host.ps('-p', 'app', '-a')).find((task) => task.id === victim);
  t.is(ended?.state, 'failed');
  t.is(ended?.exitCode, 137);
});

test.serial('logs have no gap over a restart of the agent', async (t) => {
  const [id = ''] = await ids();
  await host.stopDaemon('SIGKILL');
  await host.startDaemon();
  await eventually('the session is back', async () => (await running()).length === 2);
  const lines = (await host.tsoOk(['logs', '--no-prefix', id]))
    .trim()
    .split('\n')
    .map((line) => Number(line.replace('line ', '')));
  t.true(lines.length > 10);
  t.deepEqual(
    lines,
    lines.map((_, index) => index + 1),
  );
});

test.serial('kill -9 of the manager disturbs no container, and it comes back with its state', async (t) => {
  const before = await host.mainPids();
  const manager = await host.managerPid();
  await command('kill', ['-9', String(manager)]);
  await eventually(
    'another manager answers',
    async () => (await host.managerPid()) !== manager && (await host.tso(['ps', '-p', 'app'])).code === 0,
  );
  await eventually('both are seen running', async () => (await running()).length === 2);
  t.deepEqual(await host.mainPids(), before);
  await host.tsoOk(['scale', '-p', 'app', 'counter=3']);
  await host.tsoOk(['scale', '-p', 'app', 'counter=2']);
  t.is((await running()).length, 2);
});

test.serial('kill -9 of a conmon replaces the task and leaves no orphan process', async (t) => {
  const pids = await host.mainPids();
  const [victim = ''] = await ids();
  const pid = pids.get(victim);
  const conmon = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
  t.is(readFileSync(`/proc/${conmon}/comm`, 'utf8').trim(), 'conmon');
  await command('kill', ['-9', conmon]);
  await eventually('the task is replaced', async () => {
    const now = await ids();
    return now.length === 2 && !now.includes(victim);
  });
  t.false((await host.containerPids()).includes(pid ?? 0));
});

test.serial('a wiped run directory, as after a reboot, starts everything again from the data directory', async (t) => {
  const before = await ids();
  await host.stopDaemon('SIGKILL');
  for (const pid of await host.containerPids()) await command('kill', ['-9', String(pid)]);
  await eventually('all containers ended', async () => (await host.containerPids()).length === 0);
  await host.exec('sh', [
    '-c',
    `grep -o '${host.runDir}/[^ ]*' /proc/self/mountinfo | sort -ru | while read -r at; do umount -l "$at"; done`,
  ]);
  await rm(host.runDir, { recursive: true });
  await host.startDaemon();
  const after = await eventually('two new tasks run', async () => {
    const now = await ids();
    return now.length === 2 && now.every((id) => !before.includes(id)) && now;
  });
  t.is(after.length, 2);
});
