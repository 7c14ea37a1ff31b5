// What people do with compose files on three hosts: several over one another, parts of others, variables, profiles, what is refused, and how
// services with more than a container's attributes run and change.
import { join } from 'node:path';
import { TaskState } from '@tso/proto';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { readProc } from './hosts/processes.ts';
import { containers } from './support/cluster-net.ts';
import { eventually } from './support/eventually.ts';
import { Project } from './support/project.ts';

const cluster = await ClusterLab.start({ managers: 1, workers: 2 });
const [manager, w2] = [cluster.host('m1'), cluster.host('w2')];
const project = new Project(manager, join(cluster.lab.folder, 'project'));
const up = ['up', '--progress', 'plain'];
const quick = 'image: "busybox:1", stop_signal: SIGKILL';

test.before(() =>
  project.write({
    '.env': 'COMPOSE_PROJECT_NAME=storefront\nTAG=dotenv\n',
    'other.env': 'TAG="from other"\n',
    'compose.yaml': `
x-hosts: &spread { max_replicas_per_node: 1 }
include: [{ path: ./cache/compose.yaml }]
services:
  web:
    extends: { file: ./parts/base.yaml, service: server }
    environment: { TAG: "\${TAG:?say which}", FROM: first, NESTED: "\${ABSENT:-\${TAG}-x}$$" }
    deploy: { replicas: 3, placement: *spread }
    depends_on: { cache: { condition: service_healthy } }
  cron: { ${quick}, profiles: [jobs], depends_on: [web] }
`,
    'compose.override.yaml': 'services: { web: { environment: { FROM: override }, cap_drop: [MKNOD], group_add: !reset [] } }\n',
    'extra.yaml': 'services: { web: { environment: { FROM: extra } } }\n',
    'parts/base.yaml': `services: { server: { ${quick}, env_file: ./base.env, group_add: ["777"] } }\n`,
    'parts/base.env': 'BASE=of its own folder\n',
    'cache/.env': 'OWN=included\nTAG=not this one\n',
    'cache/compose.yaml': `services: { cache: { ${quick}, environment: { OWN: "\${OWN}" }, healthcheck: { test: "true", interval: 30s, start_interval: 100ms, start_period: 20s } } }\n`,
  }),
);
test.after.always(() => cluster.destroy());

/** What each container of the service has of those variables, as the kernel shows it, each once. */
const variables = async (service: string, ...names: readonly string[]): Promise<readonly string[]> => {
  const all = await containers(cluster, 'storefront', service);
  const lines = all.flatMap(({ pid }) => readProc(pid, 'environ').split('\0'));
  return [...new Set(lines.filter((line) => names.includes(line.split('=')[0] ?? '')))].sort();
};
const services = async (stack: string): Promise<readonly string[]> =>
  (await cluster.stack(stack)).services.map(({ service }) => service.spec.name).sort();
/** Everything of a stack that would differ if anything had been changed. */
const state = async (stack: string) =>
  (await cluster.stack(stack)).services.map(({ service, tasks }) => ({
    spec: service.spec,
    specVersion: service.specVersion,
    tasks: tasks.map(({ id, status }) => ({ id, state: status.state })),
  }));
const stacks = async (): Promise<readonly string[]> =>
  (await cluster.ask((api) => api.control((control) => control.listStacks({})))).stacks.map(({ name }) => name);

test.serial('the files of a folder, what they include and extend, and their variables come to one stack', async (t) => {
  await project.ok(up);
  t.deepEqual(await services('storefront'), ['cache', 'web']);
  const web = await containers(cluster, 'storefront', 'web');
  t.deepEqual(web.map(({ host }) => host.name).sort(), ['m1', 'w1', 'w2']);
  t.deepEqual(await variables('web', 'BASE', 'FROM', 'NESTED', 'TAG'), [
    'BASE=of its own folder',
    'FROM=override',
    'NESTED=dotenv-x$',
    'TAG=dotenv',
  ]);
  t.deepEqual(await variables('cache', 'OWN'), ['OWN=included']);
  for (const { pid } of web) t.regex(readProc(pid, 'status'), /^Groups:\s+0\s*$/m);
});

test.serial('what tso config prints is the same wish: nothing changes, in either format', async (t) => {
  const before = await state('storefront');
  for (const format of ['yaml', 'json']) {
    const { stdout: text } = await project.ok(['config', '--format', format]);
    const { stdout: changes } = await project.ok(['up', '--dry-run', '-f', '-'], { input: text });
    t.notRegex(changes, /create|update|remove|replace/i, changes);
    await project.ok([...up, '-f', '-'], { input: text });
    t.deepEqual(await state('storefront'), before, format);
  }
});

test.serial('profiles, files and variables of the command line come before those of the folder', async (t) => {
  await project.ok([...up, '--profile', 'jobs']);
  t.deepEqual(await services('storefront'), ['cache', 'cron', 'web']);
  await project.ok([...up, '-f', 'compose.yaml', '-f', 'extra.yaml', '--env-file', 'other.env', '-p', 'storefront'], {
    env: { COMPOSE_PROFILES: 'jobs' },
  });
  t.deepEqual(await variables('web', 'FROM', 'TAG'), ['FROM=extra', 'TAG=from other']);
  for (const { pid } of await containers(cluster, 'storefront', 'web')) t.regex(readProc(pid, 'status'), /^Groups:\s+0 777\s*$/m);
  await project.ok([...up, '--remove-orphans'], { env: { TAG: 'of the shell' } });
  t.deepEqual(await variables('web', 'FROM', 'TAG'), ['FROM=override', 'TAG=of the shell']);
  t.deepEqual(await services('storefront'), ['cache', 'cron', 'web'], 'what the file names is no orphan, be its profile active or not');
  await project.ok(['service', 'rm', 'storefront_cron']);
  t.deepEqual(await services('storefront'), ['cache', 'web']);
});

test.serial('what is not done is refused by name, with its line and a caret, and nothing comes of the rest', async (t) => {
  await project.write({
    'bad.yaml': `services:\n  web:\n    image: busybox:1\n    gpus: all\n  typo:\n    image: busybox:1\n    hostnam: web\n  ok: { ${quick} }\n`,
  });
  const refused = await project.tso([...up, '-f', 'bad.yaml', '-p', 'bad']);
  t.is(refused.code, 1);
  t.regex(
    refused.stderr,
    /^bad\.yaml:4:5: error E400: gpus is not supported \(services\.web\.gpus\): .+\n 4 \| {5}gpus: all\n {3}\| {5}\^{4}\n hint: /m,
  );
  t.regex(refused.stderr, /^bad\.yaml:7:5: error E200: .*hostnam.*\n 7 \| {5}hostnam: web\n {3}\| {5}\^{7}\n hint: .*hostname/m);
  t.false((await stacks()).includes('bad'));
});

test.serial('with --strict what would be a warning is refused, by an option or the environment', async (t) => {
  await project.write({ 'loose.yaml': `services:\n  web:\n    ${quick.replace(', ', '\n    ')}\n    attach: false\n` });
  for (const [args, env] of [
    [['--strict'], {}],
    [[], { TSO_STRICT: '1' }],
  ] as const) {
    const refused = await project.tso([...up, '-f', 'loose.yaml', '-p', 'loose', ...args], { env });
    t.is(refused.code, 1);
    t.regex(refused.stderr, /^loose\.yaml:5:5: error W400: attach has no effect /m);
    t.false((await stacks()).includes('loose'));
  }
  const taken = await project.ok([...up, '-f', 'loose.yaml', '-p', 'loose']);
  t.regex(taken.stderr, /^loose\.yaml:5:5: warning W400: attach has no effect /m);
  await project.ok(['down', '-p', 'loose']);
});

const rolled = (failure: string): string => `
services:
  web:
    image: busybox:1
    stop_signal: SIGKILL
    environment: { GOOD: "\${GOOD:-yes}" }
    command: ["sh", "-c", "test $$GOOD = yes || exit 3; echo > /tmp/good; exec sleep 86400"]
    healthcheck: { test: test -e /tmp/good, interval: 30s, start_interval: 100ms, start_period: 20s }
    cap_drop: [MKNOD]
    deploy:
      replicas: 3
      restart_policy: { condition: none }
      placement: { max_replicas_per_node: 1 }
      update_config: { parallelism: 1, order: stop-first, monitor: 2s, failure_action: ${failure} }
      rollback_config: { parallelism: 0, monitor: 0s }
`;

test.serial('an update that fails goes back or stays, as the file says, and has touched no more than one task', async (t) => {
  for (const failure of ['rollback', 'pause']) {
    await project.write({ [`${failure}.yaml`]: rolled(failure) });
    const args = [...up, '-f', `${failure}.yaml`, '-p', failure];
    await project.ok(args);
    const before = (await containers(cluster, failure, 'web')).map(({ taskId }) => taskId);
    const failed = await project.tso(args, { env: { GOOD: 'no' } });
    t.not(failed.code, 0);
    const left = failure === 'rollback' ? 3 : 2;
    await eventually(`${left} tasks run`, async () => (await containers(cluster, failure, 'web')).length === left);
    const after = await containers(cluster, failure, 'web');
    t.is(after.filter(({ taskId }) => before.includes(taskId)).length, 2);
    for (const { pid } of after) t.true(readProc(pid, 'environ').split('\0').includes('GOOD=yes'));
    t.is(
      (await cluster.tasks(failure, 'web')).filter(({ status }) => status.state === TaskState.FAILED && status.exitCode === 3).length,
      1,
    );
    await project.ok(['down', '-p', failure]);
  }
});

test.serial('a service of nodes with a device waits for one, says what for, and runs there once a node has the label', async (t) => {
  await project.write({
    'camera.yaml': `services:
  eye: { ${quick}, devices: ["/dev/loop-control:/dev/camera"], deploy: { placement: { constraints: [node.labels.camera == yes] } } }
`,
  });
  await project.ok(['up', '-d', '-f', 'camera.yaml', '-p', 'camera']);
  const waits = await eventually('the task says what it waits for', async () => {
    const [task] = await cluster.tasks('camera', 'eye');
    return (
      task !== undefined &&
      task.status.state < TaskState.ASSIGNED &&
      `${task.status.message}${task.status.error}${task.pendingReason}`.includes('camera') &&
      task.pendingReason
    );
  });
  t.is(waits, 'no node fits (3 lack label camera=yes)');
  await manager.tsoOk(['node', 'update', '--label-add', 'camera=yes', w2.name]);
  t.deepEqual([...(await cluster.spread('camera', 'eye', 1)).keys()], [w2.name]);
  t.is((await manager.tsoOk(['exec', '-p', 'camera', 'eye', 'sh', '-c', 'test -c /dev/camera && echo there'])).trim(), 'there');
});
