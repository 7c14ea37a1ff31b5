import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { eventually } from './support/eventually.ts';
import { oneHost } from './support/one-host.ts';
import { onTerminal, spawnTso } from './support/tso-process.ts';

const { host, inside, task, logged } = await oneHost();

test.serial('a named volume starts with what the image has there, keeps its data over replacements, and goes with down -v', async (t) => {
  const yaml = 'services:\n  db: {stop_grace_period: 500ms, image: "busybox:1", volumes: ["state:/data"]}\nvolumes: {state: {}}\n';
  await host.upOk('vol', yaml);
  t.is(await inside('vol', 'db', 'cat', '/data/seed'), 'seed\n');
  await inside('vol', 'db', 'sh', '-c', 'echo kept > /data/mine');
  await host.upOk('vol', yaml.replace('volumes: ["state:/data"]', 'environment: {CHANGED: "1"}, volumes: ["state:/data"]'));
  t.is(await inside('vol', 'db', 'cat', '/data/mine'), 'kept\n');
  await host.tsoOk(['down', '-p', 'vol']);
  await host.upOk('vol', yaml);
  t.is(await inside('vol', 'db', 'cat', '/data/mine'), 'kept\n');
  await host.tsoOk(['down', '-p', 'vol', '-v']);
  await host.upOk('vol', yaml);
  t.is((await host.tso(['exec', '-p', 'vol', 'db', 'cat', '/data/mine'])).code, 1);
  await host.tsoOk(['down', '-p', 'vol', '-v']);
});

test.serial('a bind mount shows the host folder, read-only when asked, and a missing one is made', async (t) => {
  const folder = join(host.folder, 'shared');
  await mkdir(folder);
  await writeFile(join(folder, 'hello'), 'from the host\n');
  await host.upOk(
    'bind',
    `services:\n  app: {stop_grace_period: 500ms, image: "busybox:1", volumes: ["${folder}:/rw", "${folder}:/ro:ro", "${host.folder}/made:/made"]}\n`,
  );
  t.is(await inside('bind', 'app', 'cat', '/ro/hello'), 'from the host\n');
  t.not((await host.tso(['exec', '-p', 'bind', 'app', 'sh', '-c', 'echo x > /ro/hello'])).code, 0);
  await inside('bind', 'app', 'sh', '-c', 'echo back > /rw/answer; echo x > /made/x');
  t.is(await readFile(join(folder, 'answer'), 'utf8'), 'back\n');
  t.is(await readFile(join(host.folder, 'made/x'), 'utf8'), 'x\n');
  await host.tsoOk(['down', '-p', 'bind']);
});

test.serial('limits, user, environment, hostname, read-only root and capabilities reach the container', async (t) => {
  const yaml = `
services:
  app:
    image: busybox:1
    stop_grace_period: 500ms
    hostname: inner
    user: "65534:65534"
    read_only: true
    tmpfs: ["/scratch"]
    environment: { COLOUR: blue }
    mem_limit: 32m
    pids_limit: 40
    cpus: 0.5
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    extra_hosts: ["far=192.0.2.9"]
`;
  await host.upOk('lim', yaml);
  t.is(await inside('lim', 'app', 'hostname'), 'inner\n');
  t.is((await inside('lim', 'app', 'id', '-u')).trim(), '65534');
  t.is(await inside('lim', 'app', 'sh', '-c', 'echo $COLOUR'), 'blue\n');
  t.not((await host.tso(['exec', '-p', 'lim', 'app', 'sh', '-c', 'echo x > /file'])).code, 0);
  await inside('lim', 'app', 'sh', '-c', 'echo x > /scratch/file');
  const status = await inside('lim', 'app', 'cat', '/proc/1/status');
  t.regex(status, /^CapBnd:\t0000000000000000$/m);
  t.regex(status, /^NoNewPrivs:\t1$/m);
  t.regex(status, /^Seccomp:\t2$/m);
  t.regex(await inside('lim', 'app', 'cat', '/etc/hosts'), /192\.0\.2\.9\s+far/);
  await host.tsoOk(['down', '-p', 'lim']);
});

test.serial('a container over its memory limit fails with a sentence that says so', async (t) => {
  const yaml =
    'services:\n  hog: {stop_grace_period: 500ms, image: "busybox:1", mem_limit: 16m, command: ["/bin/sh", "-c", "sleep 1; tail /dev/zero"], deploy: {restart_policy: {condition: none}}}\n';
  await host.up('oom', yaml, ['-d']);
  const failed = await task('oom', 'failed');
  t.regex(failed.error, /memory.*16 MiB/);
  t.is(failed.exitCode, 137);
  await host.tsoOk(['down', '-p', 'oom']);
});

test.serial('logs keep their order and stream, and since, tail and follow choose among them', async (t) => {
  const yaml =
    'services:\n  app: {stop_grace_period: 500ms, image: "busybox:1", command: ["/bin/sh", "-c", "echo one; echo two >&2; echo three; trap \\"exit 0\\" TERM; while true; do sleep 0.1; done"]}\n';
  await host.upOk('logs', yaml);
  const lines = await logged('logs', 3);
  t.deepEqual(lines.toSorted(), ['one', 'three', 'two']);
  t.true(lines.indexOf('one') < lines.indexOf('three'));
  t.deepEqual((await host.tsoOk(['logs', '-p', 'logs', '--no-prefix', '-n', '1'])).trim().split('\n'), lines.slice(-1));
  t.is((await host.tso(['logs', '-p', 'logs', '--since', '2099-01-01T00:00:00Z'])).stdout, '');
  t.regex((await host.tso(['logs', '-p', 'logs', '-t', '-n', '1'])).stdout, /\d{4}-\d\d-\d\dT[\d:.]+Z.*(two|three)/);
  const follow = spawnTso(host, ['logs', '-f', '-p', 'logs', '--no-prefix', 'app']);
  await eventually('it is followed', () => follow.text().includes('three'));
  await host.tsoOk(['down', '-p', 'logs']);
  t.is(await follow.ended, 0, 'it ends with the stack');
});

test.serial('logs are bounded by size and rotate without losing what is kept', async (t) => {
  const yaml = `services:\n  app:\n    image: "busybox:1"\n    command: ["/bin/sh", "-c", "i=0; while [ $$i -lt 40000 ]; do i=$$((i+1)); echo line $$i of a chatty program; done; sleep 600"]\n    logging: {driver: json-file, options: {max-size: "200k", max-file: "3"}}\n`;
  await host.upOk('chat', yaml);
  await eventually('the last line is there', async () =>
    (await host.tso(['logs', '-p', 'chat', '--no-prefix', '-n', '1'])).stdout.startsWith('line 40000 '),
  );
  const numbers = (await host.tsoOk(['logs', '-p', 'chat', '--no-prefix']))
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[1]));
  t.is(numbers.at(-1), 40_000);
  t.deepEqual(
    numbers,
    numbers.map((_, index) => (numbers[0] ?? 0) + index),
  );
  await host.tsoOk(['down', '-p', 'chat']);
});

test.serial('exec -it gives a terminal of the right size and passes the exit code on', async (t) => {
  await host.upOk('tty', 'services:\n  app: {stop_grace_period: 500ms, image: "busybox:1"}\n');
  const session = onTerminal(host, ['exec', '-it', '-p', 'tty', 'app', 'sh'], { rows: 33, columns: 101 });
  await eventually('the prompt', () => /[#$] /.test(session.screen()));
  session.terminal.write('stty size; tty; exit 5\n');
  t.is(await session.ended, 5);
  t.regex(session.screen(), /33 101/);
  t.regex(session.screen(), /\/dev\/pts\//);
  await host.tsoOk(['down', '-p', 'tty']);
});

test.serial('up on a terminal draws one line per task and ends by itself', async (t) => {
  await writeFile(
    join(host.folder, 'live.yml'),
    'services:\n  app: {stop_grace_period: 500ms, image: "busybox:1", deploy: {replicas: 2}}\n',
  );
  const session = onTerminal(host, ['up', '-f', join(host.folder, 'live.yml'), '-p', 'live'], { rows: 30, columns: 100 });
  t.is(await session.ended, 0, session.screen());
  t.regex(session.screen(), /app\.1/);
  t.regex(session.screen(), /app\.2/);
  await host.tsoOk(['down', '-p', 'live']);
});

test.serial('a health check gates running, and its failure replaces the task', async (t) => {
  const yaml = `
services:
  app:
    image: busybox:1
    stop_grace_period: 500ms
    command: ["/bin/sh", "-c", "sleep 1; touch /tmp/ok; exec sleep infinity"]
    healthcheck: { test: ["CMD", "test", "-e", "/tmp/ok"], interval: 300ms, retries: 2, start_period: 20s, start_interval: 100ms }
    deploy: { restart_policy: { delay: 0s } }
`;
  await host.upOk('health', yaml);
  const [first] = await host.ps('-p', 'health');
  t.is(first?.health, 'healthy');
  await inside('health', 'app', 'rm', '/tmp/ok');
  const next = await eventually('a new task is healthy', async () =>
    (await host.ps('-p', 'health')).find((task) => task.id !== first?.id && task.health === 'healthy'),
  );
  t.is(first?.slot, next.slot);
  t.regex((await host.ps('-p', 'health', '-a')).find((task) => task.id === first?.id)?.error ?? '', /health check/);
  await host.tsoOk(['down', '-p', 'health']);
});
