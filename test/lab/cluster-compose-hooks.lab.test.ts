// Hooks of tasks on several hosts, what becomes of them when an agent is killed in their midst, and services that follow whom they share with.
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { killAgent } from './hosts/faults.ts';
import { type Container, containers, inside, pidsOf, said } from './support/cluster-net.ts';
import { eventually } from './support/eventually.ts';
import { command, Journal, stays, tells, waitsAt } from './support/journal.ts';

const cluster = await ClusterLab.start({ managers: 1, workers: 2 });
const [m1, w1] = [cluster.host('m1'), cluster.host('w1')];
const journal = new Journal(join(cluster.lab.folder, 'journal'));
test.after.always(() => cluster.destroy());

const on = (host: string): string => `placement: { constraints: ["node.hostname==${host}"] }`;
const once = 'restart_policy: { condition: none }';
const script = (...lines: readonly string[]): string => `{ ${command(lines.join('; '))} }`;
const pids = pidsOf(cluster);

const everywhere = (generation: number): string => `
services:
  app: ${journal.service(
    `trap '${tells('ended $SLOT')}; exit 0' TERM; ${tells('begun $SLOT')}; while :; do sleep 0.05; done`,
    `environment: { SLOT: "{{.Task.Slot}}", GENERATION: "${generation}" }`,
    `pre_start: [${script('echo first of $SLOT', tells('first $SLOT'))}, ${script(tells('second $SLOT'))}]`,
    `post_start: [${script(waitsAt('post'), 'echo warm $SLOT', tells('warm $SLOT'))}]`,
    `pre_stop: [${script('echo the pool is closed >&2', tells('leave $SLOT'), 'exit 5')}, ${script(tells('left $SLOT'))}]`,
    'deploy: { replicas: 3, placement: { max_replicas_per_node: 1 } }',
  )}
  after: ${journal.service(stays('after'), 'depends_on: [app]')}
`;

test.serial(
  'every task has its hooks, on each host: before, after and at its end, in their order, and their words in the log',
  async (t) => {
    const up = m1.up('all', everywhere(1));
    for (const each of [1, 2, 3]) await journal.told(`second ${each}`);
    await eventually('three containers run', async () => (await pids('all', 'app')).length === 3);
    for (const each of [1, 2, 3]) await journal.told(`begun ${each}`);
    t.deepEqual(await pids('all', 'after'), [], 'none counts as running before its hooks after the start are done');
    t.true((await cluster.tasks('all', 'app')).every(({ status }) => status.exitCode === undefined || status.exitCode === 0));
    journal.open('post');
    const outcome = await up;
    t.is(outcome.code, 0, said(outcome));
    await journal.told('after');
    t.is(journal.lines.at(-1), 'after');
    const its = (lines: readonly string[], each: number) =>
      lines.filter((line) => line.split(' ').includes(String(each))).map((line) => line.split(' ')[0]);
    const begun = journal.take();
    for (const each of [1, 2, 3]) {
      t.deepEqual(its(begun, each).slice(0, 2), ['first', 'second']);
      t.deepEqual(its(begun, each).slice(2).toSorted(), ['begun', 'warm'], 'the program, and the hook after its start');
    }
    const update = await m1.up('all', everywhere(2));
    t.is(update.code, 0, said(update));
    const changed = journal.take();
    for (const each of [1, 2, 3]) t.deepEqual(its(changed, each).slice(0, 5), ['leave', 'left', 'ended', 'first', 'second']);
    const log = await m1.tsoOk(['logs', '-p', 'all', '--no-prefix', 'app']);
    for (const each of [1, 2, 3]) for (const line of [`first of ${each}`, `warm ${each}`]) t.true(log.includes(`${line}\n`), log);
    t.is(log.match(/^the pool is closed$/gm)?.length, 3, log);
    t.is(log.match(/its pre_stop hook 1 of 2 \(\/bin\/sh\) ended with code 5: the pool is closed/g)?.length, 3, log);
    await m1.tsoOk(['down', '-p', 'all']);
    journal.take();
  },
);

for (const [kind, where] of [
  ['pre_start', 'w1'],
  ['post_start', 'w1'],
] as const)
  test.serial(`a ${kind} hook that fails fails its task with its last words, and tso up with 1`, async (t) => {
    const hooks = `${kind}: [${script(tells('hook'), 'echo looking', 'echo no key for the door >&2', 'exit 3')}, ${script(tells('never'))}]`;
    const yaml = `services:\n  app: ${journal.service(stays('app'), hooks, `deploy: { ${once}, ${on(where)} }`)}\n`;
    const outcome = await m1.up('fails', yaml);
    t.is(outcome.code, 1, said(outcome));
    t.regex(outcome.stderr, new RegExp(`its ${kind} hook 1 of 2 \\(/bin/sh\\) ended with code 3: no key for the door`));
    await eventually('nothing of it runs', async () => (await pids('fails', 'app')).length === 0);
    t.regex(await m1.tsoOk(['logs', '-p', 'fails', '--no-prefix']), /looking\n[\s\S]*no key for the door/);
    const lines = journal.take();
    t.is(lines.filter((line) => line === 'hook').length, 1);
    t.false(lines.includes('never'));
    if (kind === 'pre_start') t.false(lines.includes('app'));
    await m1.tsoOk(['down', '-p', 'fails']);
    journal.take();
  });

test.serial('an agent that is killed while hooks run goes on: none before the start twice, none at the end again', async (t) => {
  const yaml = `
services:
  app: ${journal.service(
    stays('app'),
    `pre_start: [${script(tells('before'), waitsAt('before'), tells('ready'))}, ${script(tells('last'))}]`,
    `post_start: [${script(tells('after'), waitsAt('after'), tells('open'))}]`,
    `pre_stop: [${script(tells('leave'), waitsAt('leave'), tells('never'))}]`,
    `deploy: { ${once}, ${on('w1')} }`,
  )}
`;
  const up = m1.up('kept', yaml);
  await journal.told('before');
  await (await killAgent(w1)).undo();
  journal.open('before');
  await journal.told('app');
  await journal.told('after');
  t.deepEqual(journal.take().toSorted(), ['after', 'app', 'before', 'last', 'ready']);
  const [running] = await pids('kept', 'app');
  await (await killAgent(w1)).undo();
  await cluster.settled();
  journal.open('after');
  const outcome = await up;
  t.is(outcome.code, 0, said(outcome));
  t.deepEqual(await pids('kept', 'app'), [running]);
  const lines = journal.take();
  t.true(lines.includes('open'), lines.join());
  t.deepEqual(
    lines.filter((line) => !['after', 'open'].includes(line)),
    [],
  );
  const down = m1.tso(['down', '-p', 'kept', '--progress', 'plain']);
  await journal.told('leave');
  await (await killAgent(w1)).undo();
  const ended = await down;
  t.is(ended.code, 0, said(ended));
  t.deepEqual(journal.take(), ['leave', 'app gone']);
});

const sharing = (db = 1, tool = 1): string => `
services:
  db: ${journal.service(
    stays('db'),
    `environment: { GENERATION: "${db}" }`,
    'ipc: shareable',
    'deploy: { restart_policy: { delay: 0s }, placement: { constraints: ["node.role==worker"] } }',
  )}
  tool: ${journal.service(
    "trap 'exit 0' TERM; while :; do sleep 0.05; done",
    `environment: { GENERATION: "${tool}" }`,
    'pid: "service:db"',
    'ipc: "service:db"',
    'deploy: { restart_policy: { delay: 0s } }',
  )}
`;

const isShared = async (one: Container, other: Container): Promise<boolean> => {
  const namespace = (pid: number, kind: string) => readlink(`/proc/${pid}/ns/${kind}`);
  const same = await Promise.all(
    ['pid', 'ipc', 'net', 'mnt'].map(async (kind) => (await namespace(one.pid, kind)) === (await namespace(other.pid, kind))),
  );
  return one.host === other.host && same.join() === 'true,true,false,false';
};

/** Both, once they run on the same host and share what they are to share; none of them is one of those. */
const pair = (...former: readonly Container[]): Promise<readonly [Container, Container]> =>
  eventually('both share processes and IPC, on one host', async () => {
    const [db, tool] = [await containers(cluster, 'share', 'db'), await containers(cluster, 'share', 'tool')];
    const [[one], [other]] = [db, tool];
    if (one === undefined || other === undefined || db.length + tool.length !== 2 || !(await isShared(one, other)))
      throw new Error(JSON.stringify([db, tool].map((all) => all.map(({ host, taskId }) => `${taskId}@${host.name}`))));
    return !former.some(({ taskId }) => [one.taskId, other.taskId].includes(taskId)) && ([one, other] as const);
  });

test.serial('who shares processes and IPC with a task is beside it, and goes with it: moved, dead or replaced', async (t) => {
  t.is((await m1.up('share', sharing())).code, 0);
  const first = await pair();
  await inside(first[0], 'sh', '-c', 'echo hello > /dev/shm/note');
  t.is((await inside(first[1], 'cat', '/dev/shm/note')).stdout, 'hello\n');
  const where = first[0].host;
  await m1.tsoOk(['node', 'update', '--availability', 'drain', where.name]);
  const moved = await pair(...first);
  t.not(moved[0].host, where);
  await m1.tsoOk(['node', 'update', '--availability', 'active', where.name]);
  process.kill(moved[0].pid, 'SIGKILL');
  const restarted = await pair(...moved);
  const outcome = await m1.up('share', sharing(2));
  t.is(outcome.code, 0, said(outcome));
  const replaced = await pair(...restarted);
  t.is((await m1.up('share', sharing(2, 2))).code, 0);
  const [db, tool] = await pair(replaced[1]);
  t.is(db.pid, replaced[0].pid, 'the one who lends is left alone by those who share');
  t.not(tool.pid, replaced[1].pid);
  t.is((await m1.tso(['down', '-p', 'share'])).code, 0);
});
