import {
  emptyPort,
  RestartCondition,
  type ServiceSpec,
  ServiceVerb,
  type ServiceView,
  TsoError,
  UpdateOrder,
  type UpdateServiceRequest,
} from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import type { FakeDaemonOptions } from './testing/fake-daemon.ts';
import { runWith } from './testing/run-with.ts';
import { aService, aTask, aView } from './testing/views.ts';

const withSpec = (change: Partial<ServiceSpec>): ServiceView => {
  const view = aService([aTask()]);
  const { service } = view;
  return { ...view, service: { ...service, meta: { ...service.meta, version: 41 }, spec: { ...service.spec, ...change } } };
};

interface World {
  readonly asked: UpdateServiceRequest[];
  readonly verbs: unknown[];
  readonly daemon: FakeDaemonOptions;
}

const worldOf = (view: ServiceView, control: FakeDaemonOptions['control'] = {}): World => {
  const asked: UpdateServiceRequest[] = [];
  const verbs: unknown[] = [];
  const update = {
    kind: 'service',
    name: 'web',
    action: 'update',
    changes: [{ path: 'image', from: 'a', to: 'b' }],
    effect: '1 task replaced',
  };
  return {
    asked,
    verbs,
    daemon: {
      control: {
        listStacks: async () => ({ stacks: [{ name: 'visits', services: 1, tasksDesired: 1, tasksRunning: 1 }] }),
        getStack: async () => aView([view]),
        updateService: async (request) => {
          asked.push(request);
          return { version: 50, changes: [update], warnings: [] };
        },
        changeServices: async (request) => {
          verbs.push(request);
          return { version: 50, changes: request.services.map((name) => ({ kind: 'service', name, action: 'update', changes: [] })) };
        },
        watchStack: async function* () {
          yield aView([view]);
          await new Promise(() => undefined);
        },
        ...control,
      },
    },
  };
};

const update = (t: ExecutionContext, world: World, ...argv: readonly string[]) =>
  runWith(t, world.daemon, ['service', 'update', ...argv, 'visits_web']);

test('service update writes the whole spec back, and refuses to overrule who changed it in between', async (t) => {
  const world = worldOf(withSpec({ replicas: 3, ports: [{ ...emptyPort, target: 80, published: 8080 }] }));
  const { code, err } = await update(t, world, '--image', 'visits-web:2', '--replicas', '5');
  t.deepEqual([code, err], [0, 'web.1: running\nweb is updated.\n']);
  const [request] = world.asked;
  t.like(request, { stack: 'visits', expectedVersion: 41, dryRun: false });
  t.like(request?.spec, { name: 'web', replicas: 5 });
  t.is(request?.spec.task.container.image, 'visits-web:2');
  t.is(request?.spec.ports[0]?.published, 8080);
});

test('service update that another one overtook ends with 5 and who it was', async (t) => {
  const world = worldOf(withSpec({}), {
    updateService: async () => {
      throw new TsoError('CONFLICT', 'service web was changed by ann meanwhile: image', { hint: 'Look at it, and ask again' });
    },
  });
  const { code, err } = await update(t, world, '--replicas', '2');
  t.is(code, 5);
  t.regex(err, /changed by ann meanwhile/);
});

test('a flag that cannot be understood is a wrong use, is named, and asks for nothing', async (t) => {
  const world = worldOf(withSpec({}));
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--limit-memory', 'lots'], /^error: --limit-memory lots: .+\n$/],
    [['--publish-add', '99999:80'], /^error: --publish-add 99999:80: /],
    [['--constraint-add', 'node.labels.disk'], /^error: --constraint-add node\.labels\.disk: .*KEY==VALUE/],
    [['--env-rm', 'NOPE'], /^error: --env-rm NOPE: the service has no such thing\. It has none\.\n$/],
    [['--update-parallelism', '-1'], /^error: --update-parallelism -1: /],
    [['--update-max-failure-ratio', '2'], /^error: --update-max-failure-ratio 2: /],
    [['--mount-add', 'type=nfs,target=/x'], /nfs is not a type of mount\. Use bind, volume, tmpfs, image\./],
  ];
  for (const [argv, message] of cases) {
    const { code, err } = await update(t, world, ...argv);
    t.is(code, 2, argv.join(' '));
    t.regex(err, message);
  }
  t.deepEqual(world.asked, []);
});

test('what is wrong with a flag is told of the flag and of that service, not of a place in a file', async (t) => {
  const world = worldOf(withSpec({}));
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['--update-parallelism', '-1'], 'error: --update-parallelism -1: it cannot be -1. Write a number from 0 to 10000.\n'],
    [['--update-parallelism', ''], 'error: --update-parallelism "": it must be a number, but is \'\'.\n'],
    [
      ['--update-delay', 'soon'],
      "error: --update-delay soon: 'soon' is not a duration. Write a number with its unit: 30s, 1m30s, 500ms.\n",
    ],
    [['--image', ''], 'error: --image: it is told nothing. Write --image IMAGE.\n'],
    [['--limit-cpu', '-1'], 'error: --limit-cpu -1: service web cannot have -1 CPUs. Write a number from 0.001 on.\n'],
    [['--workdir', 'srv'], "error: --workdir srv: the folder 'srv' is not an absolute path. Begin it with /.\n"],
    [
      ['--ulimit-add', 'nofile=9:1'],
      'error: --ulimit-add nofile=9:1: the soft limit is above its hard limit. Write a soft limit up to the hard one.\n',
    ],
    [['--host-add', 'x'], 'error: --host-add x: bad host name in this entry. Write name=address.\n'],
  ];
  for (const [argv, message] of cases) t.is((await update(t, world, ...argv)).err, message);
});

test('flags of docker that cannot be had are unknown, not ignored', async (t) => {
  for (const flag of ['--log-driver', '--isolation', '--credential-spec', '--with-registry-auth', '--no-resolve-image']) {
    const { code, err } = await update(t, worldOf(withSpec({})), flag, 'x');
    t.is(code, 2, flag);
    t.regex(err, /unknown option/);
  }
});

test('service update without a flag, with two that exclude each other, or of several services at once, is a wrong use', async (t) => {
  const world = worldOf(withSpec({}));
  t.regex((await update(t, world)).err, /was not told what to change\. Give a flag such as --image/);
  t.regex((await update(t, world, '--rollback', '--image', 'x')).err, /--rollback and --image are told together/);
  t.regex((await update(t, world, '--continue', '--force')).err, /--continue and --force are told together/);
  t.regex((await update(t, world, '--rebalance', '--dry-run')).err, /--rebalance and --dry-run are told together/);
  t.regex((await update(t, world, '--image', 'x', 'other')).err, /2 services are named/);
  t.deepEqual([world.asked, world.verbs], [[], []]);
});

test('a flag that takes some words only refuses others with them, and its words are completed', async (t) => {
  const world = worldOf(withSpec({}));
  const wrong = await update(t, world, '--update-order', 'first');
  t.is(wrong.code, 2);
  t.regex(wrong.err, /Allowed choices are stop-first, start-first/);
  await update(t, world, '--update-order', 'start-first', '--restart-condition', 'none', '--strategy', 'binpack', '-d');
  t.is(world.asked[0]?.spec.update.order, UpdateOrder.START_FIRST);
  t.is(world.asked[0]?.spec.task.restart.condition, RestartCondition.RESTART_NONE);
  const { out } = await runWith(t, {}, ['completion', 'bash']);
  t.regex(out, /--update-order\) COMPREPLY=\(\$\(compgen -W "stop-first start-first"/);
  t.regex((await runWith(t, {}, ['service', 'update', '--help'])).out, /\nPorts and networks:\n +--publish-rm/);
});

test('--force alone replaces tasks as a restart does, beside a change it is part of it', async (t) => {
  const world = worldOf(withSpec({}));
  const alone = await update(t, world, '--force', '-d');
  t.deepEqual([alone.code, alone.err], [0, 'web: to be restarted.\n']);
  t.deepEqual(world.verbs, [{ stack: 'visits', services: ['web'], verb: ServiceVerb.VERB_RESTART }]);
  await update(t, world, '--force', '--image', 'x', '-d');
  t.is(world.asked[0]?.spec.task.forceUpdate, 1);
});

test('--rollback and --continue are the verbs of the same names', async (t) => {
  const world = worldOf(withSpec({}));
  await update(t, world, '--rollback', '-d');
  await update(t, world, '--continue', '-d');
  t.deepEqual(
    world.verbs.map((request) => (request as { readonly verb: ServiceVerb }).verb),
    [ServiceVerb.VERB_ROLLBACK, ServiceVerb.VERB_CONTINUE],
  );
});

test('--dry-run prints what would change with what that means, and changes nothing', async (t) => {
  const world = worldOf(withSpec({}));
  const { code, out } = await update(t, world, '--image', 'b', '--dry-run');
  t.deepEqual([code, out], [0, '~ update service web (1 task replaced)\n    image: a -> b\n']);
  t.is(world.asked[0]?.dryRun, true);
});

test('what a flag names by its short name is looked for in the stack', async (t) => {
  const volume = {
    id: 'v',
    meta: { version: 1, createdAtMs: 0, updatedAtMs: 0 },
    spec: { name: 'visits_data', driver: 'local', external: false, labels: {}, driverOpts: {} },
    stack: 'visits',
    removing: false,
  };
  const view = withSpec({});
  const world = worldOf(view, {
    getStack: async () => aView([view], { volumes: [volume] }),
    listSecrets: async () => ({
      secrets: [{ name: 'visits_key', labels: {}, meta: volume.meta, stack: 'visits', sizeBytes: 1, usedBy: [] }],
      version: 1,
    }),
  });
  await update(t, world, '--mount-add', 'source=data,target=/data', '--secret-add', 'key', '-d');
  const container = world.asked[0]?.spec.task.container;
  t.like(container?.mounts[0], { source: 'visits_data', target: '/data' });
  t.like(container?.files[0], { name: 'visits_key', target: '/run/secrets/key' });
});

test('switches are set and taken back', async (t) => {
  const world = worldOf(withSpec({}));
  await update(t, world, '--read-only', '--no-tty', '--init', '--no-healthcheck', '-d');
  t.like(world.asked[0]?.spec.task.container, { readOnly: true, tty: false, init: true });
  t.deepEqual(world.asked[0]?.spec.task.container.healthCheck?.test, ['NONE']);
  await update(t, world, '--no-init', '-d');
  t.is(world.asked[1]?.spec.task.container.init, false);
  t.is(world.asked[1]?.spec.task.container.healthCheck ?? undefined, undefined);
});
