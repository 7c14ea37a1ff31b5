import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { command } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { cliEntry } from './support/lab-host.ts';
import { oneHost } from './support/one-host.ts';

const stack = `
services:
  app: { image: "busybox:1", stop_grace_period: 500ms, command: ["/bin/sh", "-c", "echo begun; exec sleep 100000"] }
`;

const { host } = await oneHost((host) => host.upOk('app', stack));

/** The command lines of all processes in the containers. */
const inContainers = async (): Promise<readonly string[]> => {
  const lines: string[] = [];
  for (const pid of await host.containerPids()) {
    const outcome = await command('cat', [`/proc/${pid}/cmdline`]);
    if (outcome.code === 0) lines.push(outcome.stdout.replaceAll('\0', ' ').trim());
  }
  return lines;
};

const exec = (flags: readonly string[], script: string): ChildProcess =>
  host.spawn(process.execPath, [cliEntry, 'exec', ...flags, '-p', 'app', 'app', 'sh', '-c', script]);

const main = 'sleep 100000';
const runs = (mark: string) => eventually(`${mark} runs`, async () => (await inContainers()).some((line) => line.includes(mark)));
const isAlone = (why: string) => eventually(`nothing is left behind by ${why}`, async () => (await inContainers()).join() === main);

const commands: readonly (readonly [what: string, script: string, feed: boolean])[] = [
  ['that talks all the time', ': talks; while :; do echo more and more and more; done', false],
  ['that says nothing', ': quiet; while :; do sleep 0.1; done', false],
  ['that does not read its input', ': deaf; while :; do sleep 0.1; done', true],
  ['that ignores the hang-up', `: stubborn; trap '' HUP; while :; do sleep 0.1; done`, false],
];
for (const [what, script, feed] of commands) {
  test.serial(`a client that is killed takes a command with it ${what}`, async (t) => {
    const { agentPid } = await host.details();
    const client = exec(feed ? ['-i'] : [], script);
    client.stdout?.resume();
    client.stdin?.on('error', () => undefined);
    if (feed) client.stdin?.write(new Uint8Array(8 * 1024 * 1024));
    await runs(script.slice(2, 7));
    client.kill('SIGKILL');
    await isAlone('it');
    t.is((await host.details()).agentPid, agentPid);
  });
}

test.serial('a command that has left its client behind long ago does not hold up the next one', async (t) => {
  for (let count = 0; count < 5; count += 1) t.is((await host.tsoOk(['exec', '-p', 'app', 'app', 'echo', 'here'])).trim(), 'here');
});

test.serial('followers of a log that are killed leave the agent as it was', async (t) => {
  const { agentPid } = await host.details();
  const files = () => Number(readFileSync(`/proc/${agentPid}/status`, 'utf8').match(/^FDSize:\t(\d+)$/m)?.[1]);
  const before = files();
  for (let round = 0; round < 3; round += 1) {
    const followers = Array.from({ length: 5 }, () => host.spawn(process.execPath, [cliEntry, 'logs', '-f', '-p', 'app', 'app']));
    await Promise.all(
      followers.map(
        (follower) =>
          new Promise<void>((resolve) => {
            follower.stdout?.once('data', () => resolve());
          }),
      ),
    );
    for (const follower of followers) follower.kill('SIGKILL');
  }
  t.is((await host.details()).agentPid, agentPid);
  t.true(files() <= before * 2);
});

test.serial('an agent that is stopped takes the commands of its clients with it, not the containers', async (t) => {
  const client = exec([], ': last; while :; do sleep 0.1; done');
  const ended = new Promise<number | null>((resolve) => client.once('exit', (code) => resolve(code)));
  await runs('last');
  await host.stopDaemon('SIGTERM');
  t.not(await ended, 0);
  await isAlone('it');
  await host.startDaemon();
  t.is((await host.tsoOk(['exec', '-p', 'app', 'app', 'echo', 'back'])).trim(), 'back');
});

test.serial('a second daemon on the same data directory is refused, whatever its run directory', async (t) => {
  const outcome = await host.exec(process.execPath, [cliEntry, 'daemon', '--data-dir', host.dataDir, '--run-dir', `${host.folder}/other`]);
  t.not(outcome.code, 0);
  t.regex(outcome.stderr, /another tso daemon is working in .*\/data/);
  t.is((await host.tsoOk(['exec', '-p', 'app', 'app', 'echo', 'undisturbed'])).trim(), 'undisturbed');
});
