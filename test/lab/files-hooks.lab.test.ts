import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { eventually } from './support/eventually.ts';
import { oneHost } from './support/one-host.ts';
import { tellingAt } from './support/plaintext.ts';

const { host, inside, task, logged } = await oneHost();

/** Where that stands among what the agent keeps of tasks. */
const onDisk = (text: string): readonly string[] => ['tasks', 'logs'].flatMap((name) => tellingAt(join(host.dataDir, name), [text]));

test.serial('secrets and configs are files of the container, from memory, outlive the agent, and go with the stack', async (t) => {
  await writeFile(join(host.folder, 'key.txt'), 'open sesame');
  const yaml = `
services:
  app:
    image: busybox:1
    stop_grace_period: 500ms
    read_only: true
    hostname: inner
    environment: {MODE: live}
    secrets:
      - key
      - {source: key, target: /etc/app/key, uid: "1000", gid: "50", mode: 0400}
    configs:
      - {source: site, target: /srv/site.conf}
secrets:
  key: {file: ${host.folder}/key.txt}
configs:
  site:
    template_driver: golang
    content: '{{.Service.Name}} {{.Task.Slot}} {{env "MODE"}} {{secret "key"}}'
`;
  await host.upOk('files', yaml);
  t.is(await inside('files', 'app', 'cat', '/run/secrets/key'), 'open sesame');
  t.is(await inside('files', 'app', 'stat', '-c', '%u %g %a', '/etc/app/key'), '1000 50 400\n');
  t.is(await inside('files', 'app', 'cat', '/srv/site.conf'), 'files_app 1 live open sesame');
  t.not((await host.tso(['exec', '-p', 'files', 'app', 'sh', '-c', 'echo x > /run/secrets/key'])).code, 0);
  t.deepEqual(onDisk('open sesame'), []);
  // Killed, and with another agent on what it left.
  await host.stopDaemon('SIGKILL');
  await host.startDaemon();
  t.is(await inside('files', 'app', 'cat', '/run/secrets/key'), 'open sesame');
  await writeFile(join(host.folder, 'key.txt'), 'open barley');
  await host.upOk('files', yaml);
  t.is(await inside('files', 'app', 'cat', '/srv/site.conf'), 'files_app 1 live open barley');
  t.deepEqual(onDisk('open barley'), []);
  await host.tsoOk(['down', '-p', 'files']);
  await eventually('nothing is left in memory', async () => (await host.leftovers()).every((it) => !it.includes('/memory')));
});

test.serial('an agent that is killed while a hook before the start runs goes on with it, and runs none twice', async (t) => {
  const yaml = `
services:
  app:
    image: busybox:1
    stop_grace_period: 500ms
    volumes: ["state:/data"]
    command: ["/bin/sleep", "600"]
    pre_start:
      - {command: ["/bin/sh", "-c", "echo first >> /data/order; until [ -e /data/go ]; do sleep 0.05; done"]}
      - {command: ["/bin/sh", "-c", "echo second >> /data/order"]}
volumes: {state: {}}
`;
  const data = join(host.dataDir, 'volumes', 'goes_state', '_data');
  const up = host.up('goes', yaml);
  await eventually('the first hook runs', async () => readFileSync(join(data, 'order'), 'utf8') === 'first\n');
  await host.stopDaemon('SIGKILL');
  await host.startDaemon();
  await writeFile(join(data, 'go'), '');
  await task('goes', 'running');
  await up;
  t.is(readFileSync(join(data, 'order'), 'utf8'), 'first\nsecond\n');
  await host.tsoOk(['down', '-p', 'goes', '-v']);
});

test.serial('hooks run before the start, after it and before the stop, and their output is in the log', async (t) => {
  const yaml = `
services:
  app:
    image: busybox:1
    stop_grace_period: 5s
    volumes: ["state:/data"]
    environment: {WHO: app}
    command: ["/bin/sh", "-c", "echo main; trap 'echo over >> /data/order; exit 0' TERM; while :; do sleep 0.1; done"]
    pre_start:
      - {command: ["/bin/sh", "-c", "echo before $$WHO; echo pre >> /data/order"]}
    post_start:
      - {command: ["/bin/sh", "-c", "echo after; echo $$EXTRA >> /data/order"], environment: {EXTRA: post}}
    pre_stop:
      - {command: ["/bin/sh", "-c", "echo leaving >> /data/order"]}
volumes: {state: {}}
`;
  await host.upOk('hooks', yaml);
  t.is(await inside('hooks', 'app', 'cat', '/data/order'), 'pre\npost\n');
  const log = await logged('hooks', 3);
  t.deepEqual(log.toSorted(), ['after', 'before app', 'main']);
  t.is(log[0], 'before app');
  await host.tsoOk(['scale', '-p', 'hooks', 'app=0']);
  await host.upOk('hooks', yaml.replace('WHO: app', 'WHO: again'));
  t.is(await inside('hooks', 'app', 'cat', '/data/order'), 'pre\npost\nleaving\nover\npre\npost\n');
  await host.tsoOk(['down', '-p', 'hooks', '-v']);
});

test.serial('a hook that fails fails its task with its last line', async (t) => {
  const yaml = `
services:
  app:
    image: busybox:1
    command: ["/bin/sleep", "600"]
    deploy: {restart_policy: {condition: none}}
    pre_start: [{command: ["/bin/sh", "-c", "echo looking; echo the table is locked >&2; exit 3"]}]
`;
  await host.up('fails', yaml, ['-d']);
  const failed = await task('fails', 'failed');
  t.regex(failed.error, /its pre_start hook \(\/bin\/sh\) ended with code 3: the table is locked/);
  await host.tsoOk(['down', '-p', 'fails']);
});

test.serial('a service shares the processes and IPC of another, in the control group that it names', async (t) => {
  const yaml = `
services:
  db: {image: "busybox:1", stop_grace_period: 500ms, ipc: shareable, command: ["/bin/sleep", "601"], cgroup_parent: apps/data}
  tool: {image: "busybox:1", stop_grace_period: 500ms, pid: "service:db", ipc: "service:db", command: ["/bin/sleep", "602"]}
`;
  await host.upOk('share', yaml);
  t.regex(await inside('share', 'tool', 'ps'), /sleep 601/);
  await inside('share', 'db', 'sh', '-c', 'echo hello > /dev/shm/note');
  t.is(await inside('share', 'tool', 'cat', '/dev/shm/note'), 'hello\n');
  await host.tsoOk(['down', '-p', 'share']);
  const shm = join(host.runDir, 'shm');
  await eventually('its memory is gone', () => !existsSync(shm) || readdirSync(shm).length === 0);
});
