// Secrets and configs on a cluster: what containers see, who else sees it (nobody), and what they outlive.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ObjectChange, UpdateState } from '@tso/proto';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { killAgent, killHost, killManager } from './hosts/faults.ts';
import { type Container, containers, inside, pidsOf, said } from './support/cluster-net.ts';
import type { CommandOutcome } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import type { LabHost } from './support/lab-host.ts';
import { tellingAt, toldIn, toldInMemory } from './support/plaintext.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 1 });
const [m1, m2, m3, w1] = [cluster.host('m1'), cluster.host('m2'), cluster.host('m3'), cluster.host('w1')];
/** Where people keep their files: on no host's disk that is looked through. */
const desk = join(cluster.lab.folder, 'desk');
test.before(() => mkdir(desk));
test.after.always(() => cluster.destroy());

const unguessable = (what: string): string => `${what}-${randomBytes(12).toString('hex')}`;
const key = { first: unguessable('key1'), second: unguessable('key2'), bad: unguessable('key3'), third: unguessable('key4') };
const token = unguessable('token');
const session = { first: unguessable('session1'), second: unguessable('session2') };
/** Every byte there is, and then some: no text in any encoding. */
const blob = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, at) => at)), randomBytes(300)]);
const everything = [...Object.values(key), token, ...Object.values(session)];

interface Wish {
  readonly update?: string;
  readonly more?: string;
  readonly greeting?: string;
}

const idle = 'image: "busybox:1", stop_grace_period: 500ms, stop_signal: SIGKILL';
const on = (host: LabHost, ...more: readonly string[]): string =>
  `deploy: { ${[`placement: { constraints: ["node.hostname==${host.name}"] }`, ...more].join(', ')} }`;

/** `web` reads the key and ends when it is not as it should be; `other` has another secret, `plain` none and a node of its own. */
const shop = ({ update = 'parallelism: 1, delay: 500ms, monitor: 0s', more = '', greeting = 'hello' }: Wish = {}): string => `
services:
  web:
    image: busybox:1
    stop_grace_period: 500ms
    stop_signal: SIGKILL
    environment: { MODE: live }
    command: ["/bin/sh", "-c", "case $$(cat /run/secrets/key) in key3*) exit 7;; esac; exec sleep 86400"]
    secrets:
      - key
      - blob
      - { source: key, target: /etc/app/key, uid: "1000", gid: "50", mode: 0400 }
      - { source: handmade, target: session }
    configs:
      - { source: page, target: /srv/page.txt, uid: "7", gid: "8", mode: 0640 }
      - settings
    deploy:
      replicas: 3
      placement: { constraints: ["node.role==manager"], max_replicas_per_node: 1 }
      restart_policy: { condition: none }
      update_config: { ${update} }
      rollback_config: { monitor: 0s }
  other: { ${idle}, secrets: [token], ${on(m2, 'restart_policy: { delay: 0s }')} }
  plain: { ${idle}, ${on(w1)} }
${more}
secrets:
  key: { file: ${desk}/key.txt, labels: { team: web } }
  blob: { file: ${desk}/blob.bin }
  token: { environment: SHOP_TOKEN }
  handmade: { external: true, name: session }
configs:
  settings: { content: "greeting = \${GREETING:-${greeting}}\\n" }
  page:
    template_driver: golang
    content: '{{.Service.Name}} {{.Task.Slot}} {{.Node.Hostname}} {{env "MODE"}} {{secret "key"}} {{config "settings"}}'
`;

const tso = (args: readonly string[], input = '', by: LabHost = m1): Promise<CommandOutcome> =>
  by.tso(args, { input, env: { SHOP_TOKEN: token } });

const upLine = (stack: string, ...more: readonly string[]) => [
  'up',
  '-f',
  '-',
  '-p',
  stack,
  '--progress',
  'plain',
  '--timeout',
  '40',
  ...more,
];

/** What a command said, on condition that it succeeded. */
const ok = async (args: readonly string[], input = '', by: LabHost = m1): Promise<string> => {
  const outcome = await tso(args, input, by);
  if (outcome.code !== 0) throw new Error(`tso ${args.join(' ')} ended with ${outcome.code}: ${said(outcome)}\n${by.daemonLog()}`);
  return said(outcome);
};

const apply = async (content: string, wish: Wish = {}, by: LabHost = m1): Promise<string> => {
  await writeFile(join(desk, 'key.txt'), content);
  return ok(upLine('shop'), shop(wish), by);
};

const foreseen = async (yaml: string, stack = 'shop'): Promise<readonly string[]> => {
  const changes = JSON.parse((await tso(upLine(stack, '--dry-run', '--format', 'json'), yaml)).stdout) as readonly ObjectChange[];
  return changes.filter(({ action }) => action !== 'none').map(({ kind, name, action }) => `${action} ${kind} ${name}`);
};

const web = (): Promise<readonly Container[]> => containers(cluster, 'shop', 'web');
const cat = async (from: Container, path: string): Promise<string> => (await inside(from, 'cat', path)).stdout;

/** Once all of `web` read that. */
const reads = (content: string): Promise<readonly Container[]> =>
  eventually(`three containers of web read ${content.slice(0, 4)}`, async () => {
    const all = await web();
    const read = await Promise.all(all.map((one) => cat(one, '/run/secrets/key')));
    if (read.length !== 3 || read.some((text) => text !== content)) throw new Error(read.join());
    return all;
  });

const pids = (...services: readonly string[]) => pidsOf(cluster)('shop', ...services);

/** How many containers of `web` ran, again and again while that was done. */
const countedDuring = async (work: () => Promise<unknown>): Promise<readonly number[]> => {
  const counts: number[] = [];
  let isOver = false;
  const look = (async () => {
    for (; !isOver; await new Promise((resolve) => setTimeout(resolve, 50))) counts.push((await cluster.running('shop', 'web')).length);
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await look;
  }
  return counts;
};

/** What a host's agent keeps in memory for its next life and its tasks, as files. */
const kept = async (host: LabHost): Promise<readonly string[]> =>
  (await host.exec('find', [join(host.runDir, 'memory'), '-type', 'f'])).stdout.split('\n').filter((line) => line !== '');

/** Where a secret stands on the disk of a host: what its agent and manager keep, and what they logged. File systems in memory are not seen from here. */
const onDiskOf = ({ dataDir, runDir, folder }: LabHost): readonly string[] =>
  [dataDir, runDir, join(folder, 'tsod.log')].flatMap((place) => tellingAt(place, everything));
const onDisks = (): readonly string[] => cluster.members.flatMap(onDiskOf);

test.serial('files, variables, content and what was made by hand are files of the containers, as the compose file says', async (t) => {
  await writeFile(join(desk, 'blob.bin'), blob);
  const early = await tso(upLine('shop'), shop());
  t.not(early.code, 0);
  t.regex(early.stderr, /the file of the secret key, .*key\.txt, does not exist[\s\S]*\^/);
  await writeFile(join(desk, 'key.txt'), key.first);
  const lacks = await tso(upLine('shop'), shop());
  t.not(lacks.code, 0);
  t.regex(lacks.stderr, /external secret session does not exist/, 'an external one has to be there');
  t.is(await ok(['secrets', 'create', '--label', 'by=hand', 'session', '-'], session.first, m3), 'session');
  await apply(key.first);
  const all = await reads(key.first);
  t.deepEqual(all.map(({ host }) => host.name).sort(), ['m1', 'm2', 'm3']);
  for (const one of all) {
    const stat = async (path: string) => said(await inside(one, 'stat', '-c', '%u %g %a', path));
    t.deepEqual(await Promise.all(['/run/secrets/key', '/etc/app/key', '/srv/page.txt', '/settings'].map(stat)), [
      '0 0 444',
      '1000 50 400',
      '7 8 640',
      '0 0 444',
    ]);
    t.is(await cat(one, '/etc/app/key'), key.first);
    t.is(await cat(one, '/run/secrets/session'), session.first);
    t.is(await cat(one, '/settings'), 'greeting = hello\n');
    t.is(await cat(one, '/srv/page.txt'), `shop_web ${one.slot} ${one.host.name} live ${key.first} greeting = hello\n`);
    t.is(said(await inside(one, 'sha256sum', '/run/secrets/blob')).split(' ')[0], createHash('sha256').update(blob).digest('hex'));
    const mounts = await readFile(`/proc/${one.pid}/mounts`, 'utf8');
    t.regex(mounts, /^tso-memory \/run\/secrets\/key tmpfs ro,nosuid,nodev,noexec/m);
    t.not((await inside(one, 'sh', '-c', 'echo x > /run/secrets/key')).code, 0);
    t.not((await inside(one, 'rm', '/run/secrets/key')).code, 0);
  }
  const [other] = await containers(cluster, 'shop', 'other');
  t.is(other === undefined ? '' : await cat(other, '/run/secrets/token'), token);
  const exec = (user: string) => tso(['exec', '-u', user, '-p', 'shop', 'web', 'cat', '/etc/app/key']);
  t.is((await exec('1000:1000')).stdout, key.first);
  t.not((await exec('1001:1001')).code, 0, 'its mode keeps others out');
});

test.serial('nothing that the cluster says or writes to a disk has anything of a secret', async (t) => {
  const changed = shop({ greeting: 'good day' });
  await writeFile(join(desk, 'key.txt'), key.second);
  const asked: readonly (readonly [readonly string[], string?])[] = [
    [upLine('shop', '--dry-run'), changed],
    [upLine('shop', '--dry-run', '--format', 'json'), changed],
    [['ps', '-a', '-p', 'shop', '--format', 'json']],
    [['service', 'ls', '--format', 'json']],
    [['service', 'inspect', '-p', 'shop', 'web']],
    [['service', 'inspect', '-p', 'shop', '--format', 'json', 'web', 'other', 'plain']],
    [['secrets', 'ls']],
    [['secrets', 'ls', '--format', 'json']],
    [['secrets', 'inspect', 'shop_key', 'session', 'shop_token']],
    [['secrets', 'inspect', '--format', 'json', 'shop_key', 'session', 'shop_token']],
    [['configs', 'ls', '--format', 'json']],
    [['configs', 'inspect', '--format', 'json', 'shop_page']],
    [['events', '--since', '10m', '--until', '1s', '--format', 'json']],
    [['logs', '-p', 'shop']],
    [['config', '-f', '-', '-p', 'shop'], changed],
    [['node', 'inspect', '--format', 'json', 'm1', 'w1']],
  ];
  for (const [args, input = ''] of asked) {
    const outcome = await tso(args, input);
    t.is(outcome.code, 0, `${args.join(' ')}: ${said(outcome)}`);
    t.true(said(outcome) !== '' || args.includes('logs'), args.join(' '));
    t.deepEqual(toldIn(said(outcome), everything), [], args.join(' '));
  }
  t.regex((await tso(upLine('shop', '--dry-run'), changed)).stdout, /update secret shop_key[\s\S]*content: old -> new/);
  t.deepEqual(onDisks(), []);
  const audit = await Promise.all(cluster.managers.map(({ dataDir }) => readFile(join(dataDir, 'manager/audit.log'), 'utf8')));
  t.true(
    audit.every((text) => text.includes('shop')),
    'who changed what is told',
  );
  // The search finds what is there: a variable of the service is in the records of its tasks.
  t.not(tellingAt(m1.dataDir, ['MODE=live']).length, 0);
  t.deepEqual(toldIn(Buffer.from(`x${token}y`).toString('base64'), everything), [token]);
});

test.serial('a node has what its tasks name, from the first of them to the last, and nothing else', async (t) => {
  const agent = (host: LabHost): readonly string[] => toldInMemory(host.daemonPid ?? 0, [key.first, token]);
  t.deepEqual(agent(m2), [key.first, token], 'the search finds what is there');
  t.deepEqual(agent(w1), []);
  t.deepEqual(await kept(w1), []);
  const late = `
services:
  late: { ${idle}, secrets: [token], ${on(w1)} }
secrets:
  token: { external: true, name: shop_token }
`;
  await ok(upLine('late'), late);
  t.deepEqual(agent(w1), [token]);
  t.is((await kept(w1)).length, 2, 'the version, and the file of its task');
  const types = await w1.run('stat', ['-f', '-c', '%T', join(w1.runDir, 'memory')]);
  t.is(types.trim(), 'tmpfs');
  const refused = await tso(['secrets', 'rm', 'session', 'shop_token']);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /secret session is in use by service shop_web/);
  await ok(['down', '-p', 'late']);
  await eventually('w1 keeps nothing any more', async () => (await kept(w1)).length === 0);
  t.deepEqual(onDisks(), []);
});

test.serial('the same again changes nothing; another content replaces its users alone, one after the other', async (t) => {
  await writeFile(join(desk, 'key.txt'), key.first);
  const before = await pids('web', 'other', 'plain');
  t.deepEqual(await foreseen(shop()), []);
  await apply(key.first);
  t.deepEqual(await pids('web', 'other', 'plain'), before);
  const others = await pids('other', 'plain');
  await writeFile(join(desk, 'key.txt'), key.second);
  t.deepEqual(await foreseen(shop()), ['update secret shop_key', 'update service web']);
  const counts = await countedDuring(() => apply(key.second));
  await reads(key.second);
  t.true(Math.min(...counts) >= 2 && counts.length > 10, counts.join());
  t.deepEqual(await pids('other', 'plain'), others);
  const first = before.map((line) => line.split(' ')[0]);
  t.false((await web()).some(({ taskId }) => first.includes(taskId)));
  t.deepEqual(onDisks(), []);
});

test.serial('a content that does not work goes back to the one before, and is the wish all the same', async (t) => {
  const failing = { update: 'parallelism: 1, failure_action: rollback, monitor: 1s' };
  await apply(key.second, failing);
  await writeFile(join(desk, 'key.txt'), key.bad);
  const outcome = await tso(upLine('shop'), shop(failing));
  t.not(outcome.code, 0, said(outcome));
  await reads(key.second);
  await eventually('the service is rolled back', async () => {
    const found = (await cluster.stack('shop')).services.find((it) => it.service.spec.name === 'web');
    return found?.service.update?.state === UpdateState.ROLLBACK_COMPLETED;
  });
  t.deepEqual(await foreseen(shop(failing)), ['update service web'], 'what was wished last is kept, and not what runs');
  await apply(key.third);
  await reads(key.third);
  t.deepEqual(onDisks(), []);
});

test.serial('what was made by hand is replaced by hand, is taken up when its stack is applied, and belongs to nobody else', async (t) => {
  const create = (...more: readonly string[]) => tso(['secrets', 'create', ...more, '-'], session.second, m2);
  const again = await create('session');
  t.not(again.code, 0);
  t.regex(again.stderr, /exists already[\s\S]*--replace/);
  t.is((await create('--replace', 'session')).code, 0);
  const before = await pids('web');
  for (const one of await web()) t.is(await cat(one, '/run/secrets/session'), session.first);
  t.deepEqual(await pids('web'), before);
  t.deepEqual(await foreseen(shop()), ['update service web']);
  await apply(key.third, {}, m3);
  for (const one of await web()) t.is(await cat(one, '/run/secrets/session'), session.second);
  const owned = await create('--replace', 'shop_key');
  t.not(owned.code, 0);
  t.regex(owned.stderr, /belongs to stack shop/);
  const thief = `services: { a: { image: "busybox:1", secrets: [s] } }\nsecrets: { s: { file: ${desk}/key.txt, name: shop_key } }\n`;
  const taken = await tso(upLine('thief'), thief);
  t.not(taken.code, 0);
  t.regex(taken.stderr, /shop_key/);
  t.notRegex(await ok(['ls']), /thief/);
  const rows = JSON.parse(await ok(['secrets', 'ls', '--format', 'json'])) as readonly Record<string, unknown>[];
  t.deepEqual(
    rows.map(({ name, stack, sizeBytes, services }) => [name, stack, sizeBytes, services]),
    [
      ['session', '', session.second.length, ['shop_web']],
      ['shop_blob', 'shop', blob.length, ['shop_web']],
      ['shop_key', 'shop', key.third.length, ['shop_web']],
      ['shop_token', 'shop', token.length, ['shop_other']],
    ],
  );
  const inspected = JSON.parse(await ok(['secrets', 'inspect', '--format', 'json', 'shop_key', 'session'])) as typeof rows;
  t.deepEqual(
    inspected.map(({ name, labels }) => [name, labels]),
    [
      ['shop_key', { team: 'web' }],
      ['session', {}],
    ],
  );
  t.is((await tso(['configs', 'inspect', '--data', 'shop_settings'])).stdout, 'greeting = hello\n');
  t.deepEqual(onDisks(), []);
});

test.serial('they outlive agents that are killed, and a task that is started anew reads the same', async (t) => {
  const before = await pids('web');
  const files = await kept(m2);
  const fault = await killAgent(m2);
  t.deepEqual(await kept(m2), files);
  const [ended] = await containers(cluster, 'shop', 'other');
  if (ended !== undefined) process.kill(ended.pid, 'SIGKILL');
  await fault.undo();
  await cluster.settled();
  const anew = await eventually('other runs again', async () =>
    (await containers(cluster, 'shop', 'other')).find(({ pid }) => pid !== ended?.pid),
  );
  t.is(await cat(anew, '/run/secrets/token'), token);
  t.deepEqual(await pids('web'), before);
  await reads(key.third);
  t.is((await kept(m2)).length, files.length, 'the files of the task that ended are gone');
});

test.serial('the leader is killed in the midst of a change: the next one has the content and goes on', async (t) => {
  await writeFile(join(desk, 'key.txt'), key.first);
  const leader = await cluster.leader();
  const by = cluster.managers.find((host) => host !== leader) ?? m1;
  await ok(upLine('shop', '-d'), shop(), by);
  await (await killManager(leader)).undo();
  await cluster.settled();
  await reads(key.first);
  await eventually('the update is complete', async () => (await foreseen(shop())).length === 0);
  t.deepEqual(onDisks(), []);
});

test.serial('after a loss of power a host is told anew what its tasks name', async (t) => {
  const late = `services:\n  late: { ${idle}, secrets: [session], ${on(w1)} }\nsecrets: { session: { external: true } }\n`;
  await ok(upLine('late'), late);
  const fault = await killHost(cluster.lab, w1);
  t.deepEqual(onDiskOf(w1), []);
  await fault.undo();
  await cluster.settled();
  const one = await eventually('late runs again', async () => (await containers(cluster, 'late', 'late'))[0]);
  t.is(await cat(one, '/run/secrets/session'), session.second);
});

test.serial('with autolock a locked node keeps its containers and what they read, and opens nothing on its disk', async (t) => {
  const unlockKey = (await ok(['autolock', 'on', '-q'])).trim();
  const state = async () => (await m2.swarmInfo()).LocalNodeState;
  const [one] = (await web()).filter(({ host }) => host === m2);
  await (await killAgent(m2)).undo();
  await eventually('m2 is locked', async () => (await state()) === 'locked');
  t.is(one === undefined ? '' : await cat(one, '/run/secrets/key'), key.first);
  t.deepEqual(onDisks(), []);
  await m2.tsoOk(['unlock'], { input: `${unlockKey}\n` });
  await cluster.settled();
  await ok(['autolock', 'off']);
  await reads(key.first);
});

test.serial('down takes the own ones away, on every host, and leaves what others made or use', async (t) => {
  await ok(['down', '-p', 'shop']);
  t.deepEqual(JSON.parse(await ok(['configs', 'ls', '--format', 'json'])), []);
  t.is(await ok(['secrets', 'ls', '-q']), 'session');
  for (const host of cluster.managers) await eventually(`${host.name} keeps nothing`, async () => (await kept(host)).length === 0);
  t.is((await kept(w1)).length, 2);
});

test.serial('a backup has them, in plain unless it is sealed, and what is restored goes on with them', async (t) => {
  const files = { plain: join(cluster.lab.folder, 'plain.tso'), sealed: join(cluster.lab.folder, 'sealed.tso') };
  await ok(['backup', '-o', files.plain]);
  await ok(['backup', '-o', files.sealed, '--passphrase-file', '-'], 'open sesame\n');
  t.deepEqual(toldIn(await readFile(files.plain), everything), [session.second]);
  t.deepEqual(toldIn(await readFile(files.sealed), everything), []);
  const before = await containers(cluster, 'late', 'late');
  for (const host of [m2, m3]) await killHost(cluster.lab, host);
  await m1.stopDaemon('SIGKILL');
  for (const folder of ['manager', 'identity']) await m1.run('rm', ['-r', join(m1.dataDir, folder)]);
  await m1.startDaemon();
  await ok(['restore', '--force', files.sealed, '--passphrase-file', '-'], 'open sesame\n');
  await cluster.without([m2, m3], async () => {
    await eventually('w1 is ready', async () => (await cluster.state(w1)) === 'ready');
    t.is(await ok(['secrets', 'ls', '-q']), 'session');
    const late = `services:\n  late: { ${idle}, secrets: [session], ${on(w1)} }\nsecrets: { session: { external: true } }\n`;
    t.deepEqual(await foreseen(late, 'late'), []);
    t.deepEqual(
      (await containers(cluster, 'late', 'late')).map(({ pid }) => pid),
      before.map(({ pid }) => pid),
    );
    await ok(upLine('late'), late.replace('secrets:', 'hostname: anew, secrets:'));
    const [one] = await containers(cluster, 'late', 'late');
    t.not(one?.pid, before[0]?.pid);
    t.is(one === undefined ? '' : await cat(one, '/run/secrets/session'), session.second);
    t.deepEqual(onDisks(), []);
    await ok(['down', '-p', 'late']);
    t.is(await ok(['secrets', 'rm', 'session']), 'session');
    await eventually('w1 keeps nothing', async () => (await kept(w1)).length === 0);
  });
});
