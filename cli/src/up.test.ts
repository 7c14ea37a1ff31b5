import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApplyStackRequest, type NodeView, PullPolicy, portTrouble, type StackView, TaskState, TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { run } from './program.ts';
import { type FakeDaemonOptions, startFakeDaemon } from './testing/fake-daemon.ts';
import { fakeIo } from './testing/fake-io.ts';
import { aNode } from './testing/nodes.ts';
import { aService, aTask, aView } from './testing/views.ts';

const stackFile = `
services:
  web:
    image: visits-web:1
    deploy: { replicas: 2 }
`;

interface World {
  readonly applied: ApplyStackRequest[];
  readonly posted: string[];
  readonly daemon: FakeDaemonOptions;
}

/** A daemon whose cluster shows these views, one after another, to who watches. */
const worldOf = (views: readonly StackView[], clusterState = 'active'): World => {
  const applied: ApplyStackRequest[] = [];
  const posted: string[] = [];
  const engine = (method: string, path: string) => {
    if (method === 'GET' && path === '/info') {
      return { body: { ID: 'n', Name: 'a', ServerVersion: '0.1.0', Swarm: { NodeID: '', LocalNodeState: clusterState } } };
    }
    posted.push(`${method} ${path}`);
    return { body: '"node-1"' };
  };
  const control: FakeDaemonOptions['control'] = {
    applyStack: async (request) => {
      applied.push(request);
      const changes = [{ kind: 'service', name: 'web', action: 'update', changes: [{ path: 'replicas', from: '1', to: '2' }] }];
      return { version: 7, changes, warnings: ['limits of cpu are not kept on this node'] };
    },
    getStack: async () => views.at(-1) ?? aView([]),
    watchStack: async function* () {
      yield* views;
      await new Promise(() => undefined);
    },
  };
  return { applied, posted, daemon: { control, engine } };
};

const folderWith = (t: ExecutionContext, text: string): string => {
  const dir = mkdtempSync(join(tmpdir(), 'tso-cli-up-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'stack.yml'), text);
  return dir;
};

const up = async (t: ExecutionContext, world: World, argv: readonly string[], text = stackFile, stdin?: string) => {
  const fake = await startFakeDaemon(world.daemon);
  t.teardown(() => fake.stop());
  const io = fakeIo({ env: { TSO_RUN_DIR: fake.dir }, cwd: folderWith(t, text), ...(stdin === undefined ? {} : { stdin }) });
  const code = await run(['up', '-p', 'visits', ...argv], io);
  return { code, out: io.stdout.text, err: io.stderr.text };
};

const preparing = aView([aService([aTask({ state: TaskState.PREPARING, status: { message: 'pulling' } })])]);
const running = aView([aService([aTask()])]);

test('up applies the stack, shows each change as a line and ends with 0 once all runs', async (t) => {
  const world = worldOf([preparing, running]);
  const { code, out, err } = await up(t, world, ['-f', 'stack.yml']);
  t.is(code, 0);
  t.is(out, '');
  t.is(err, 'warning: limits of cpu are not kept on this node\nweb.1: preparing: pulling\nweb.1: running\nStack visits is up.\n');
  t.is(world.applied[0]?.spec.name, 'visits');
  t.deepEqual(
    world.applied[0]?.spec.services.map((service) => [service.name, service.replicas]),
    [['web', 2]],
  );
  t.deepEqual(world.posted, []);
});

test('up says which nodes do not answer on a published port, and fails when none does', async (t) => {
  const text = stackFile.replace('deploy:', 'ports: ["80:80"]\n    deploy:');
  const why = 'port 80/tcp is taken on this host by nginx (pid 812)';
  const inTheWay = (hostname: string) => {
    const { node, ...view } = aNode(hostname);
    return { ...view, node: { ...node, description: { ...node.description, troubles: [portTrouble('visits_web', why)] } } };
  };
  const upWith = (nodes: readonly NodeView[]) => {
    const { daemon, ...world } = worldOf([running]);
    const control = { ...daemon.control, listNodes: async () => ({ nodes, version: 1 }) };
    return up(t, { ...world, daemon: { ...daemon, control } }, ['-f', 'stack.yml'], text);
  };
  const some = await upWith([inTheWay('alpha'), aNode('beta')]);
  t.is(some.code, 0);
  t.regex(some.err, /\nwarning: node alpha does not answer for service web: port 80\/tcp is taken .*nginx.*\nStack visits is up\.\n$/);
  const none = await upWith([inTheWay('alpha')]);
  t.is(none.code, 1);
  t.regex(none.err, /error: service web runs, and no node answers on its port: port 80\/tcp is taken .*nginx/);
  t.notRegex(none.err, /is up/);
});

test('up on a host without a cluster starts one and says so', async (t) => {
  const world = worldOf([running], 'inactive');
  const { code, err } = await up(t, world, ['-f', 'stack.yml']);
  t.is(code, 0);
  t.deepEqual(world.posted, ['POST /swarm/init']);
  t.regex(err, /^This host is in no cluster: starting a single-node one\.\n/);
});

test('up on a host that only cannot reach its cluster just now begins no other one', async (t) => {
  for (const state of ['locked', 'error']) {
    const world = worldOf([running], state);
    const { err } = await up(t, world, ['-f', 'stack.yml']);
    t.deepEqual(world.posted, [], state);
    t.notRegex(err, /in no cluster/);
  }
});

test('up without a daemon, not as root, ends with 4 and the command to type', async (t) => {
  const io = fakeIo({ cwd: folderWith(t, stackFile), env: { TSO_RUN_DIR: '/nonexistent/run' } });
  t.is(await run(['up', '-f', 'stack.yml'], io), 4);
  t.regex(io.stderr.text, /Start it: sudo tso daemon --run-dir \/nonexistent\/run$/m);
});

test('up -d returns once accepted', async (t) => {
  const { code, err } = await up(t, worldOf([preparing]), ['-f', 'stack.yml', '-d']);
  t.is(code, 0);
  t.regex(err, /Stack visits is accepted\./);
});

test('up is refused, with what the other one changed, when the stack is another one than it has seen', async (t) => {
  const seen = { ...running, stackVersion: 3 };
  const world = worldOf([seen]);
  const refusing: World = {
    ...world,
    daemon: {
      ...world.daemon,
      control: {
        ...world.daemon.control,
        applyStack: async ({ expectedVersion }) => {
          const message = `stack visits is at version 5, not at ${expectedVersion}: ann changed services.web.replicas from 1 to 3`;
          throw new TsoError('CONFLICT', message, { hint: 'See what your file would change' });
        },
      },
    },
  };
  const { code, err } = await up(t, refusing, ['-f', 'stack.yml']);
  t.is(code, 5);
  t.is(
    err,
    'error: stack visits is at version 5, not at 3: ann changed services.web.replicas from 1 to 3. See what your file would change\n',
  );
});

test('up expects no stack where there is none, and nothing of managers that do not say', async (t) => {
  const none = worldOf([{ ...running, stackVersion: 0 }]);
  await up(t, none, ['-f', 'stack.yml', '-d']);
  t.is(none.applied[0]?.expectedVersion, 0);
  const silent = worldOf([running]);
  await up(t, silent, ['-f', 'stack.yml', '-d']);
  t.is(silent.applied[0]?.expectedVersion, undefined);
});

test('up --scale and --pull change the wish, and unknown services are named', async (t) => {
  const world = worldOf([running]);
  t.is((await up(t, world, ['-f', 'stack.yml', '--scale', 'web=5', '--pull', 'always'])).code, 0);
  const web = world.applied[0]?.spec.services[0];
  t.is(web?.replicas, 5);
  t.is(web?.task.container.pullPolicy, PullPolicy.PULL_ALWAYS);
  const { code, err } = await up(t, world, ['-f', 'stack.yml', '--scale', 'wbe=5']);
  t.is(code, 1);
  t.regex(err, /there is no service wbe in visits\. It has: web\./);
});

test('up reads the stack from standard input', async (t) => {
  const world = worldOf([running]);
  t.is((await up(t, world, ['-f', '-'], stackFile, stackFile)).code, 0);
  t.is(world.applied.length, 1);
});

test('up --dry-run prints the changes and applies nothing', async (t) => {
  const world = worldOf([running]);
  const { code, out } = await up(t, world, ['-f', 'stack.yml', '--dry-run']);
  t.is(code, 0);
  t.is(out, '~ update service web\n    replicas: 1 -> 2\n');
  t.deepEqual(
    world.applied.map((request) => request.dryRun),
    [true],
  );
  const json = JSON.parse((await up(t, world, ['-f', 'stack.yml', '--dry-run', '--format', 'json'])).out);
  t.deepEqual(json, [
    { kind: 'service', name: 'web', action: 'update', changes: [{ path: 'replicas', from: '1', to: '2' }], effect: null, tasks: [] },
  ]);
});

test('up --dry-run without a cluster lists what would be created', async (t) => {
  const world = worldOf([], 'inactive');
  const { code, out } = await up(t, world, ['-f', 'stack.yml', '--dry-run']);
  t.is(code, 0);
  t.regex(out, /^\+ create service web$/m);
  t.deepEqual(world.posted, []);
});

test('up --dry-run tells what there is to warn of, beside a document too', async (t) => {
  const text = 'services:\n  web:\n    image: x\n    isolation: hyperv\n';
  const { code, out, err } = await up(t, worldOf([running]), ['-f', 'stack.yml', '--dry-run', '--format', 'json'], text);
  t.is(code, 0);
  t.like(JSON.parse(out), [{ kind: 'service', name: 'web', action: 'update' }]);
  t.regex(err, /^warning: limits of cpu are not kept on this node\nstack\.yml:4:5: warning W400: isolation has no effect/);
});

test('up --format json prints one document and no progress', async (t) => {
  const { code, out, err } = await up(t, worldOf([preparing, running]), ['-f', 'stack.yml', '--format', 'json']);
  t.is(code, 0);
  t.like(JSON.parse(out), {
    name: 'visits',
    converged: true,
    services: [{ name: 'web', replicas: { desired: 1, running: 1, healthy: 1 } }],
  });
  t.deepEqual(JSON.parse(out).warnings, ['limits of cpu are not kept on this node']);
  t.is(err, '');
});

test('up ends with 1 and the truth when a service fails again and again', async (t) => {
  const fail = (id: string) =>
    aTask({ id, state: TaskState.FAILED, desired: TaskState.SHUTDOWN, status: { error: 'there is no /nope in the image' } });
  const views = ['a', 'b', 'c'].map((id) => aView([aService([fail(id)])]));
  const { code, err } = await up(t, worldOf([preparing, ...views]), ['-f', 'stack.yml']);
  t.is(code, 1);
  t.regex(
    err,
    /error: service web does not start: web\.1: there is no \/nope in the image\. The stack stays as it is: see it with tso ps -a -p visits, remove it with tso down -p visits\.\n$/,
  );
});

test('up --strict takes a warning about the file for an error, and asks nobody', async (t) => {
  const text = 'services:\n  web:\n    image: x\n    isolation: hyperv\n';
  const world = worldOf([running]);
  const { code, out, err } = await up(t, world, ['-f', 'stack.yml', '--strict'], text);
  t.deepEqual([code, out], [1, '']);
  t.regex(err, /stack\.yml:4:5: error W400: isolation has no effect/);
  t.deepEqual(world.applied, []);
  t.is((await up(t, world, ['-f', 'stack.yml'], text)).code, 0);
});

test('up with a mistake in the file ends with 1, the place and what to do, and asks nobody', async (t) => {
  const world = worldOf([running]);
  const { code, out, err } = await up(t, world, ['-f', 'stack.yml'], 'services:\n  web:\n    imag: x\n');
  t.is(code, 1);
  t.is(out, '');
  t.regex(err, /stack\.yml:3:5: error E200/);
  t.deepEqual(world.applied, []);
  const json = await up(t, world, ['-f', 'stack.yml', '--format', 'json'], 'services:\n  web:\n    imag: x\n');
  t.is(json.code, 1);
  t.like(JSON.parse(json.err), { error: { code: 'INVALID_ARGUMENT' } });
});

const builtFile = 'services:\n  web:\n    build: .\n';

/** The service as the cluster has it once its image was built. */
const built = (image: string): StackView => {
  const one = aService([aTask()]);
  const { task } = one.service.spec;
  const container = { ...task.container, image, builtDigest: 'sha256:1' };
  return aView([{ ...one, service: { ...one.service, spec: { ...one.service.spec, task: { ...task, container } } } }]);
};

test('up leaves a service with the image that the cluster built for it, and needs nothing to build with', async (t) => {
  const world = worldOf([built('visits-web')]);
  t.is((await up(t, world, ['-f', 'stack.yml'], builtFile)).code, 0);
  const container = world.applied[0]?.spec.services[0]?.task.container;
  t.like(container, { image: 'visits-web', builtDigest: 'sha256:1' });
});

test('up --dry-run of what is not built yet says so, and builds nothing', async (t) => {
  const world = worldOf([built('older')]);
  const { code, err } = await up(t, world, ['-f', 'stack.yml', '--dry-run'], builtFile);
  t.is(code, 0);
  t.is(err, 'Image visits-web of service web would be built.\nwarning: limits of cpu are not kept on this node\n');
  t.like(world.applied[0], { dryRun: true });
  const asked = await up(t, worldOf([], 'inactive'), ['-f', 'stack.yml', '--dry-run'], builtFile);
  t.regex(asked.err, /Image visits-web of service web would be built/);
});
