import { chown, mkdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { importBusybox } from './support/busybox-image.ts';
import { eventually } from './support/eventually.ts';
import { cliEntry, LabHost } from './support/lab-host.ts';
import { oneHost } from './support/one-host.ts';
import { onTerminal, spawnTso } from './support/tso-process.ts';

const { host, inside, logged } = await oneHost();
const shell = (stack: string, service: string, script: string) => inside(stack, service, 'sh', '-c', script);
const here = (...parts: string[]) => join(host.folder, ...parts);

interface StatsRow {
  readonly taskId: string;
  readonly service: string;
  readonly cpuPercent: number;
  readonly cpuNs: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  readonly networkRxBytes: number;
  readonly networkTxBytes: number;
  readonly pids: number;
  readonly throttledNs: number;
}

interface EventRow {
  readonly kind: string;
  readonly action: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

test.serial('cp goes both ways, by the rules of docker cp, volumes and binds included', async (t) => {
  const folder = here('bound');
  await mkdir(folder);
  await host.upOk(
    'cp',
    `services:\n  app: {stop_grace_period: 100ms, image: "busybox:1", volumes: ["state:/data", "${folder}:/bound"]}\nvolumes: {state: {}}\n`,
  );
  await mkdir(here('src/deep'), { recursive: true });
  await writeFile(here('src/one'), 'one\n', { mode: 0o640 });
  await writeFile(here('src/deep/two'), Buffer.alloc(3_000_000, 'x'));
  await symlink('../one', here('src/deep/link'));

  await host.tsoOk(['cp', '-p', 'cp', here('src/one'), 'app:/tmp']);
  await host.tsoOk(['cp', '-p', 'cp', here('src/one'), 'app.1:/tmp/renamed']);
  await host.tsoOk(['cp', '-p', 'cp', here('src'), 'app:/data']);
  await host.tsoOk(['cp', '-p', 'cp', `${here('src')}/.`, 'app:/bound']);
  t.is(await shell('cp', 'app', 'cat /tmp/one /tmp/renamed; stat -c "%u:%g %a" /tmp/one'), 'one\none\n0:0 640\n');
  t.is(await shell('cp', 'app', 'wc -c < /data/src/deep/two; readlink /data/src/deep/link'), '3000000\n../one\n');
  t.is(await readFile(join(folder, 'one'), 'utf8'), 'one\n', 'a bind is the folder of the host');

  await host.tsoOk(['cp', '-p', 'cp', 'app:/data/src', here('back')]);
  t.is((await readFile(here('back/deep/two'))).length, 3_000_000);
  t.is(await readlink(here('back/deep/link')), '../one');
  t.is((await stat(here('back/one'))).mode & 0o777, 0o640);
  await host.tsoOk(['cp', '-p', 'cp', 'app:/data/src/one', here('back/deep')]);
  t.is(await readFile(here('back/deep/one'), 'utf8'), 'one\n');
  await host.tsoOk(['cp', '-p', 'cp', '-L', 'app:/data/src/deep/link', here('followed')]);
  t.is(await readFile(here('followed'), 'utf8'), 'one\n');

  await host.run('sh', [
    '-c',
    `"${process.execPath}" "${cliEntry}" --run-dir ${host.runDir} cp -p cp app:/data/src - | tar -tf - | sort > ${here('listed')}`,
  ]);
  t.is(await readFile(here('listed'), 'utf8'), 'src/\nsrc/deep/\nsrc/deep/link\nsrc/deep/two\nsrc/one\n');
  await host.run('sh', [
    '-c',
    `tar -C ${here('src')} -c one | "${process.execPath}" "${cliEntry}" --run-dir ${host.runDir} cp -p cp - app:/bound/`,
  ]);

  const refusals: readonly (readonly [RegExp, ...string[]])[] = [
    [/there is no \/nosuch/, 'app:/nosuch', here('x')],
    [/is a file/, here('src'), 'app:/tmp/one'],
    [/there is no folder \/tmp\/no\//, here('src/one'), 'app:/tmp/no/'],
    [/both are paths of containers/, 'app:/a', 'app:/b'],
    [/no service or task nosuch/, 'nosuch:/a', here('x')],
  ];
  for (const [said, ...args] of refusals) {
    const { code, stderr } = await host.tso(['cp', '-p', 'cp', ...args]);
    t.not(code, 0);
    t.regex(stderr, said);
  }
  await host.tsoOk(['down', '-p', 'cp', '-v']);
});

test.serial('no copy leaves the container or the destination: not by links, not by ..', async (t) => {
  const secret = here('secret');
  await mkdir(secret);
  await writeFile(join(secret, 'key'), 'the host’s own\n');
  await host.upOk('evil', 'services:\n  app: {stop_grace_period: 100ms, image: "busybox:1"}\n');
  await shell(
    'evil',
    'app',
    `ln -s ${secret} /out; ln -s ../../../../../../..${secret} /tmp/up; ln -s / /tmp/root; mkdir /trap; echo inner > /tmp/key`,
  );
  for (const path of ['/out/key', '/tmp/up/key', `/tmp/root${secret}/key`, `/../../..${secret}/key`, '/proc/1/root/../../out/key']) {
    const { code, stdout } = await host.tso(['cp', '-p', 'evil', `app:${path}`, '-']);
    t.not(code, 0, path);
    t.false(stdout.includes('own'));
  }
  await writeFile(here('payload'), 'mine\n');
  for (const path of ['/out/key', '/tmp/up/key'])
    t.not((await host.tso(['cp', '-p', 'evil', here('payload'), `app:${path}`])).code, 0, path);
  t.is(await readFile(join(secret, 'key'), 'utf8'), 'the host’s own\n');

  // Archives that try it themselves.
  await host.run('sh', [
    '-c',
    `cd ${host.folder} && mkdir -p a/b && echo bad > a/b/f && tar -C a -P --transform 's,b/f,../../tmp/escaped,' -cf dots.tar b/f`,
  ]);
  const dots = await host.tso(['cp', '-p', 'evil', '-', 'app:/trap'], { input: await readFile(here('dots.tar')) });
  t.not(dots.code, 0);
  t.regex(dots.stderr, /leads out/);
  await host.run('sh', [
    '-c',
    `cd ${host.folder} && mkdir x && ln -s /tmp x/l && tar -C x -cf link.tar l && rm x/l && mkdir x/l && echo bad > x/l/through && tar -C x -rf link.tar l/through`,
  ]);
  const through = await host.tso(['cp', '-p', 'evil', '-', 'app:/trap'], { input: await readFile(here('link.tar')) });
  t.not(through.code, 0);
  t.regex(through.stderr, /symbolic link/);
  t.not((await host.tso(['exec', '-p', 'evil', 'app', 'test', '-e', '/tmp/through'])).code, 0);

  // A container that gives an evil folder away: links in it are copied as links, and nothing is written through them.
  await shell('evil', 'app', `mkdir /gift; ln -s ${secret} /gift/d; echo x > /gift/f`);
  await host.tsoOk(['cp', '-p', 'evil', 'app:/gift', here('gift')]);
  t.is(await readlink(here('gift/d')), secret);
  await shell('evil', 'app', 'rm /gift/d; mkdir /gift/d; echo overwritten > /gift/d/key');
  const again = await host.tso(['cp', '-p', 'evil', 'app:/gift/.', here('gift')]);
  t.not(again.code, 0);
  t.is(await readFile(join(secret, 'key'), 'utf8'), 'the host’s own\n');
  await host.tsoOk(['down', '-p', 'evil']);
});

test.serial('a container that swaps folders for links while it is copied from and to gives nothing of the host away', async (t) => {
  const secret = here('secret2');
  await mkdir(secret);
  await writeFile(join(secret, 'f'), 'the host’s own\n');
  const race = `mkdir -p /r/real /w/real; echo inner > /r/real/f; ln -s ${secret} /r/evil; ln -s ${secret} /w/evil; cd /r; while :; do mv real d; mv d real; mv evil d; mv d evil; cd /w; mv real d; mv d real; mv evil d; mv d evil; cd /r; done`;
  await host.upOk('race', `services:\n  app: {stop_grace_period: 100ms, image: "busybox:1", command: ["/bin/sh", "-c", "${race}"]}\n`);
  await writeFile(here('f'), 'written\n');
  let served = 0;
  for (let round = 0; round < 12; round += 1) {
    const out = await host.tso(['cp', '-p', 'race', 'app:/r/d/f', '-']);
    t.false(out.stdout.includes('own'));
    if (out.code === 0) served += 1;
    await host.tso(['cp', '-p', 'race', here('f'), 'app:/w/d/f']);
  }
  t.is(await readFile(join(secret, 'f'), 'utf8'), 'the host’s own\n');
  t.log(`${served} of 12 copies found the folder there`);
  await host.tsoOk(['down', '-p', 'race']);
});

test.serial('a read-only container refuses what is copied in, but not its volumes', async (t) => {
  await host.upOk(
    'ro',
    'services:\n  app: {stop_grace_period: 100ms, image: "busybox:1", read_only: true, volumes: ["state:/data"]}\nvolumes: {state: {}}\n',
  );
  await writeFile(here('plain'), 'plain\n');
  const refused = await host.tso(['cp', '-p', 'ro', here('plain'), 'app:/tmp/plain']);
  t.not(refused.code, 0);
  t.regex(refused.stderr, /read-only/);
  await host.tsoOk(['cp', '-p', 'ro', here('plain'), 'app:/data/plain']);
  t.is(await inside('ro', 'app', 'cat', '/data/plain'), 'plain\n');
  await host.tsoOk(['down', '-p', 'ro', '-v']);
});

test.serial('stats tell a busy container from an idle one, and what its CPU limit held back', async (t) => {
  await host.upOk(
    'busy',
    'services:\n  busy: {stop_grace_period: 100ms, image: "busybox:1", cpus: 0.5, mem_limit: 64m, command: ["/bin/sh", "-c", "while :; do :; done"]}\n  idle: {stop_grace_period: 100ms, image: "busybox:1"}\n',
  );
  const sample = async (): Promise<ReadonlyMap<string, StatsRow>> => {
    const rows = JSON.parse(await host.tsoOk(['stats', '-p', 'busy', '--no-stream', '--format', 'json'])) as readonly StatsRow[];
    return new Map(rows.map((row) => [row.service, row]));
  };
  const [busy, idle] = await eventually('the busy one is measured busy', async () => {
    const rows = await sample();
    const [one, other] = [rows.get('busy'), rows.get('idle')];
    return one !== undefined && other !== undefined && one.cpuPercent > 15 && one.throttledNs > 0 ? ([one, other] as const) : undefined;
  });
  t.true(busy.cpuPercent < 75, `half a CPU was allowed, ${busy.cpuPercent} % measured`);
  t.true(idle.cpuPercent < 10, `${idle.cpuPercent} %`);
  t.is(busy.memoryLimitBytes, 64 * 1024 * 1024);
  t.true(busy.memoryBytes > 0 && busy.memoryBytes < busy.memoryLimitBytes);
  t.true(idle.memoryLimitBytes > busy.memoryLimitBytes);
  t.is(busy.pids, 1);

  await shell('busy', 'idle', 'head -c 2000000 /dev/zero | nc -w 2 busy 9 || true; ping -c 3 -s 1400 busy > /dev/null');
  const traffic = (await sample()).get('idle');
  t.true((traffic?.networkTxBytes ?? 0) >= 3 * 1400, `${traffic?.networkTxBytes} bytes sent`);

  const stream = spawnTso(host, ['stats', '-p', 'busy', 'busy', '--format', 'json']);
  const samples = (): readonly StatsRow[] =>
    stream
      .text()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as StatsRow);
  await eventually('three samples came', () => samples().length >= 3);
  await eventually('it is seen to be busy', () => samples().some(({ cpuPercent }) => cpuPercent > 10));
  t.is(samples()[0]?.cpuPercent, 0, 'the first has nothing to be compared with');
  stream.process.kill('SIGINT');
  t.is(await stream.ended, 130);
  t.regex(await host.tsoOk(['stats', '-p', 'busy', '--no-stream']), /NAME\s+NODE\s+CPU %[\s\S]*busy\.1/);
  await host.tsoOk(['down', '-p', 'busy']);
});

test.serial('top shows the processes with their numbers inside, port where a port is published', async (t) => {
  await host.upOk(
    'top',
    'services:\n  app: {stop_grace_period: 100ms, image: "busybox:1", user: nobody, command: ["/bin/sh", "-c", "sleep 7777 & wait"], ports: ["18080:80", "18053:53/udp"]}\n',
  );
  const row = await eventually('both processes are there', async () => {
    const [shown] = JSON.parse(await host.tsoOk(['top', '-p', 'top', '--format', 'json'])) as readonly {
      readonly titles: readonly string[];
      readonly processes: readonly (readonly string[])[];
    }[];
    return shown?.processes[1]?.[7] === 'sleep 7777' && shown;
  });
  t.deepEqual(row.titles, ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD', 'HOST PID']);
  const processes = row.processes.map(([uid, pid, parent, , , , , command]) => ({ uid, pid, parent, command }));
  t.deepEqual(processes[0], { uid: 'nobody', pid: '1', parent: '0', command: '/bin/sh -c sleep 7777 & wait' });
  t.like(processes[1], { uid: 'nobody', parent: '1', command: 'sleep 7777' });
  const hostPid = Number(row.processes[0]?.[8]);
  t.is([...(await host.mainPids()).values()][0], hostPid);
  t.regex(await host.tsoOk(['top', '-p', 'top', 'app.1']), /top_app\.1 on [\s\S]*sleep 7777/);
  t.is(await host.tsoOk(['port', '-p', 'top', 'app', '80']), '0.0.0.0:18080\n');
  t.is(await host.tsoOk(['port', '-p', 'top', 'app', '53/udp']), '0.0.0.0:18053\n');
  t.is((await host.tso(['port', '-p', 'top', 'app', '81'])).code, 1);
  await host.tsoOk(['down', '-p', 'top']);
});

test.serial('events tell what happened and, when followed, what happens', async (t) => {
  const follow = spawnTso(host, ['events', '--filter', 'kind=task', '--filter', 'stack=ev', '--format', 'json']);
  const rows = (): readonly EventRow[] =>
    follow
      .text()
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as EventRow);
  const once = 'stop_grace_period: 100ms, image: "busybox:1", deploy: {restart_policy: {condition: none}}';
  const first = (turn: number): string => `first: {${once}, environment: {TURN: "${turn}"}}`;
  // The call stands once it tells something.
  let turn = 0;
  await eventually('it is followed', async () => {
    turn += 1;
    await host.upOk('ev', `services:\n  ${first(turn)}\n`, ['-d']);
    return rows().length > 0;
  });
  const fails = 'command: ["/bin/sh", "-c", "until test -e /tmp/go; do sleep 0.1; done; exit 3"]';
  await host.upOk('ev', `services:\n  ${first(turn)}\n  app: {${once}, ${fails}}\n`, ['-d']);
  const told = (): readonly EventRow[] => rows().filter(({ name }) => name.includes('app'));
  await eventually('it is told to run', () => told().some(({ action }) => action === 'running'));
  await shell('ev', 'app', 'touch /tmp/go');
  await eventually('the failure is told', () => told().some(({ action }) => action === 'failed'));
  t.is(told().find(({ action }) => action === 'failed')?.attributes.exitCode, '3');
  follow.process.kill('SIGINT');
  t.is(await follow.ended, 130);
  const past = JSON.parse(
    await host.tsoOk(['events', '--since', '10m', '--until', '0s', '--filter', 'service=app', '--filter', 'stack=ev', '--format', 'json']),
  ) as readonly EventRow[];
  t.true(past.some(({ kind, action }) => kind === 'task' && action === 'failed'));
  t.true(past.some(({ kind, action }) => kind === 'service' && action === 'create'));
  t.true(past.every(({ kind }) => kind === 'task' || kind === 'service'));
  await host.tsoOk(['down', '-p', 'ev']);
});

test.serial('the log of a finished task is shown with that of its replacement', async (t) => {
  await host.upOk(
    'again',
    'services:\n  app: {stop_grace_period: 100ms, image: "busybox:1", command: ["/bin/sh", "-c", "echo from $$(hostname); test -e /data/once && exec sleep 999; touch /data/once; exit 1"], volumes: ["state:/data"], deploy: {restart_policy: {condition: any, delay: 0s}}}\nvolumes: {state: {}}\n',
  );
  const lines = await logged('again', 2);
  t.is(lines.length, 2);
  t.not(lines[0], lines[1]);
  await host.tsoOk(['down', '-p', 'again', '-v']);
});

test.serial('a followed log goes on after the agent was restarted and after the manager was killed, with every line once', async (t) => {
  await host.upOk(
    'tick',
    'services:\n  app: {stop_grace_period: 100ms, image: "busybox:1", command: ["/bin/sh", "-c", "i=0; while :; do i=$$((i+1)); echo tick $$i; sleep 0.02; done"]}\n',
  );
  const follow = spawnTso(host, ['logs', '-f', '-p', 'tick', '--no-prefix', '-n', '5']);
  const ticks = (): readonly number[] => [...follow.text().matchAll(/^tick (\d+)$/gm)].map((match) => Number(match[1]));
  await eventually('it is followed', () => ticks().length > 20);
  await host.stopDaemon('SIGKILL');
  await host.startDaemon();
  const afterAgent = ticks().at(-1) ?? 0;
  await eventually('it goes on after the agent', () => (ticks().at(-1) ?? 0) > afterAgent + 30);
  process.kill(await host.managerPid(), 'SIGKILL');
  const afterManager = ticks().at(-1) ?? 0;
  await eventually('it goes on after the manager', () => (ticks().at(-1) ?? 0) > afterManager + 30);
  follow.process.kill('SIGINT');
  await follow.ended;
  const seen = ticks();
  const [first = 0] = seen;
  t.deepEqual(
    seen,
    seen.map((_, index) => first + index),
    'every line once, in order',
  );
  t.regex(follow.errors(), /connection was lost/);
  await host.tsoOk(['down', '-p', 'tick']);
});

test.serial('the detach keys leave a command running, Ctrl-C ends it', async (t) => {
  await host.upOk('det', 'services:\n  app: {stop_grace_period: 100ms, image: "busybox:1"}\n');
  const typed = (script: string) => onTerminal(host, ['exec', '-it', '-p', 'det', 'app', 'sh', '-c', script]);
  const session = typed('until stty size; do sleep 0.1; done; while :; do echo alive >> /tmp/alive; sleep 0.1; done');
  await eventually('it runs, with the size of the terminal', () => session.screen().includes('30 90'));
  session.terminal.write('\u0010\u0011');
  t.is(await session.ended, 0);
  const size = async (): Promise<number> => Number(await shell('det', 'app', 'wc -c < /tmp/alive'));
  const before = await size();
  await eventually('it still writes', async () => (await size()) > before);
  await shell('det', 'app', 'pkill -f alive; rm /tmp/alive');

  const plain = typed('trap "exit 42" INT; echo ready; while :; do sleep 0.1; done');
  await eventually('it runs', () => plain.screen().includes('ready'));
  plain.terminal.write('\u0003');
  t.is(await plain.ended, 42);
  await host.tsoOk(['down', '-p', 'det']);
});

test.serial('on a terminal the statistics are drawn in place, and a copy shows how far it is', async (t) => {
  await host.upOk('tty', 'services:\n  app: {stop_grace_period: 100ms, image: "busybox:1"}\n');
  const drawn = onTerminal(host, ['stats', '-p', 'tty']);
  await eventually('it is drawn again', () => drawn.screen().split('\u001b[2A\u001b[J').length > 2);
  drawn.terminal.write('\u0003');
  t.is(await drawn.ended, 130);
  t.regex(drawn.screen(), /app\.1/);
  await writeFile(here('big'), Buffer.alloc(64 * 1024 * 1024, 'z'));
  const begunAt = performance.now();
  const copied = onTerminal(host, ['cp', '-p', 'tty', here('big'), 'app:/tmp/']);
  t.is(await copied.ended, 0);
  t.regex(copied.screen(), /Copied to app:\/tmp\/: 67\.1 MB/);
  t.log(`64 MiB in: ${Math.round(performance.now() - begunAt)} ms`);
  const backAt = performance.now();
  t.is(await onTerminal(host, ['cp', '-p', 'tty', 'app:/tmp/big', here('big2')]).ended, 0);
  t.log(`64 MiB out: ${Math.round(performance.now() - backAt)} ms`);
  t.true((await readFile(here('big'))).equals(await readFile(here('big2'))));
  await host.tsoOk(['down', '-p', 'tty']);
});

test.serial('in a user namespace the owners are those that the container sees', async (t) => {
  const remapped = await LabHost.create();
  try {
    await remapped.startDaemon(['--runtime', 'runc', '--userns-remap', '200000:65536']);
    await remapped.tsoOk(['init']);
    await importBusybox(remapped);
    await remapped.upOk(
      'map',
      'services:\n  app: {stop_grace_period: 100ms, image: "busybox:1", volumes: ["state:/data"]}\nvolumes: {state: {}}\n',
    );
    const at = (name: string) => join(remapped.folder, name);
    await writeFile(at('f'), 'f\n');
    await chown(at('f'), 1234, 1235);
    const owner = (path: string) => remapped.tsoOk(['exec', '-p', 'map', 'app', 'stat', '-c', '%u:%g', path]);
    await remapped.tsoOk(['cp', '-p', 'map', at('f'), 'app:/tmp/root']);
    await remapped.tsoOk(['cp', '-a', '-p', 'map', at('f'), 'app:/data/kept']);
    t.is(await owner('/tmp/root'), '0:0\n');
    t.is(await owner('/data/kept'), '1234:1235\n');
    await remapped.tsoOk(['cp', '-a', '-p', 'map', 'app:/data/kept', at('back')]);
    const looks = await stat(at('back'));
    t.deepEqual([looks.uid, looks.gid], [1234, 1235]);
    await chown(at('f'), 100_000, 0);
    const { code, stderr } = await remapped.tso(['cp', '-a', '-p', 'map', at('f'), 'app:/tmp/none']);
    t.not(code, 0);
    t.regex(stderr, /owner 100000/);
    const [row] = JSON.parse(await remapped.tsoOk(['top', '-p', 'map', '--format', 'json'])) as readonly {
      readonly processes: readonly (readonly string[])[];
    }[];
    t.is(row?.processes[0]?.[0], 'root');
    await remapped.tsoOk(['down', '-p', 'map', '-v']);
  } finally {
    await remapped.destroy();
  }
});
