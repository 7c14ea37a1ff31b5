import {
  EndpointMode,
  emptyPort,
  emptyServiceSpec,
  MountType,
  PlacementStrategy,
  PortProtocol,
  PublishMode,
  RestartCondition,
  ServiceMode,
  type ServiceSpec,
  UpdateFailureAction,
  UpdateOrder,
} from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { fragmentParser } from '../cluster/compose-fragment.ts';
import { FlagProblem, type FlagTools, fieldsOf } from './service-flags/flag.ts';
import { forced, givenFlags, patchService, serviceFlags } from './service-patch.ts';

const base: ServiceSpec = { ...emptyServiceSpec, name: 'web' };

const tools: FlagTools = {
  parse: fragmentParser('visits', 'web', () => undefined),
  fullName: (_kind, name) => `visits_${name}`,
  env: { FROM_HERE: '7' },
};

type Told = Readonly<Record<string, readonly string[]>>;

const patched = (told: Told, spec: ServiceSpec = base): ServiceSpec =>
  patchService(
    spec,
    givenFlags(({ name }) => told[name]),
    tools,
  );
const container = (told: Told, spec: ServiceSpec = base) => patched(told, spec).task.container;
const problemOf = (t: { throws: (run: () => unknown) => Error | undefined }, told: Told, spec: ServiceSpec = base): string => {
  const error = t.throws(() => patched(told, spec));
  return error instanceof FlagProblem
    ? `${error.message}${error.hint === undefined ? '' : ` | ${error.hint}`}`
    : `no problem of a flag: ${error}`;
};

test('no flag changes nothing, and no two flags have one name', (t) => {
  t.is(patched({}), base);
  const names = serviceFlags.map(({ name }) => name);
  t.is(new Set(names).size, names.length);
});

test('variables are added, changed in their place at the end, taken from here and removed', (t) => {
  const spec = patched({ 'env-add': ['A=1', 'B=2', 'FROM_HERE'] });
  t.deepEqual(spec.task.container.env, ['A=1', 'B=2', 'FROM_HERE=7']);
  t.deepEqual(container({ 'env-rm': ['A'], 'env-add': ['B=x=$Y', 'EMPTY='] }, spec).env, ['FROM_HERE=7', 'B=x=$Y', 'EMPTY=']);
  t.is(problemOf(t, { 'env-add': ['NOT_HERE'] }), '--env-add NOT_HERE: it has no value here | Write --env-add NOT_HERE=VALUE.');
  t.is(problemOf(t, { 'env-rm': ['C'] }, spec), '--env-rm C: the service has no such thing | It has: A, B, FROM_HERE.');
});

test('a dollar of the command line is one', (t) => {
  t.deepEqual(container({ args: ['echo $HOME ${X}'] }).command, { values: ['echo', '$HOME', '${X}'] });
  t.deepEqual(container({ 'health-cmd': ['test "$A" = 1'] }).healthCheck?.test, ['CMD-SHELL', 'test "$A" = 1']);
});

test('words are split as in a file, and no words mean the image’s own', (t) => {
  const spec = patched({ args: ['sleep "1 2"'], entrypoint: ['/bin/sh -c'] });
  t.deepEqual(spec.task.container.command, { values: ['sleep', '1 2'] });
  t.deepEqual(spec.task.container.entrypoint, { values: ['/bin/sh', '-c'] });
  const back = container({ args: [''], entrypoint: [''] }, spec);
  t.false('command' in back);
  t.false('entrypoint' in back);
});

test('another image is not the one that was built', (t) => {
  const built: ServiceSpec = {
    ...base,
    task: { ...base.task, container: { ...base.task.container, image: 'x', builtDigest: 'sha256:1' } },
  };
  t.like(container({ image: ['y:2'] }, built), { image: 'y:2', builtDigest: '' });
  t.like(container({ image: ['x'] }, built), { image: 'x', builtDigest: 'sha256:1' });
});

test('figures are read with their units', (t) => {
  const { task } = patched({
    'limit-cpu': ['0.5'],
    'limit-memory': ['256m'],
    'limit-pids': ['100'],
    'reserve-cpu': ['0.25'],
    'reserve-memory': ['64m'],
  });
  t.deepEqual(task.limits, { nanoCpus: 500_000_000, memoryBytes: 256 * 2 ** 20, pids: 100 });
  t.deepEqual(task.reservations, { nanoCpus: 250_000_000, memoryBytes: 64 * 2 ** 20, pids: 0 });
});

test('how tasks are replaced is set one by one, the rest stays', (t) => {
  const spec = patched({
    'update-parallelism': ['3'],
    'update-delay': ['1m30s'],
    'update-order': ['start-first'],
    'update-max-failure-ratio': ['0.25'],
    'update-failure-action': ['rollback'],
    'update-progress-deadline': ['2m'],
    'update-pause-after': ['1'],
    'rollback-parallelism': ['0'],
  });
  t.like(spec.update, {
    parallelism: 3,
    delayMs: 90_000,
    order: UpdateOrder.START_FIRST,
    maxFailureRatio: 0.25,
    failureAction: UpdateFailureAction.FAILURE_ROLLBACK,
    progressDeadlineMs: 120_000,
    pauseAfter: 1,
    monitorMs: base.update.monitorMs,
  });
  t.deepEqual(spec.rollback, { ...base.rollback, parallelism: 0 });
  t.deepEqual(patched({ 'update-monitor': ['7s'] }, spec).update, { ...spec.update, monitorMs: 7_000 });
});

test('the restart policy is set one by one', (t) => {
  const { restart } = patched({ 'restart-condition': ['on-failure'], 'restart-max-attempts': ['4'], 'restart-window': ['1m'] }).task;
  t.deepEqual(restart, { ...base.task.restart, condition: RestartCondition.RESTART_ON_FAILURE, maxAttempts: 4, windowMs: 60_000 });
});

test('a setting of the health check leaves the others; one that is switched off has none', (t) => {
  const spec = patched({ 'health-cmd': ['true'], 'health-interval': ['3s'], 'health-retries': ['5'] });
  t.like(spec.task.container.healthCheck, { test: ['CMD-SHELL', 'true'], intervalMs: 3_000, retries: 5 });
  t.like(container({ 'health-timeout': ['2s'] }, spec).healthCheck, { test: ['CMD-SHELL', 'true'], intervalMs: 3_000, timeoutMs: 2_000 });
  const off = patched({ 'no-healthcheck': ['true'] }, spec);
  t.deepEqual(off.task.container.healthCheck?.test, ['NONE']);
  t.regex(problemOf(t, { 'health-timeout': ['2s'] }, off), /is switched off/);
  t.deepEqual(container({ 'health-cmd': ['false'] }, off).healthCheck?.test, ['CMD-SHELL', 'false']);
});

test('capabilities that are granted are not dropped, and the other way round', (t) => {
  const spec = patched({ 'cap-add': ['NET_ADMIN'], 'cap-drop': ['CHOWN'] });
  t.like(spec.task.container, { capAdd: ['NET_ADMIN'], capDrop: ['CHOWN'] });
  t.like(container({ 'cap-drop': ['CAP_NET_ADMIN'] }, spec), { capAdd: [], capDrop: ['CHOWN', 'CAP_NET_ADMIN'] });
});

test('places are constrained, preferred and limited', (t) => {
  const spec = patched({
    'constraint-add': ['node.labels.disk==ssd', 'node.role != manager'],
    'placement-pref-add': ['spread=node.labels.zone'],
    'replicas-max-per-node': ['2'],
    strategy: ['binpack'],
    priority: ['-5'],
    'generic-resource-add': ['gpu=2', 'fpga=1'],
  });
  t.like(spec.task.placement, { spreadOver: ['node.labels.zone'], maxReplicasPerNode: 2, strategy: PlacementStrategy.BINPACK });
  t.is(spec.task.placement.constraints.length, 2);
  t.is(spec.priority, -5);
  t.deepEqual(
    spec.task.generic.map(({ kind, count }) => [kind, count]),
    [
      ['fpga', 1],
      ['gpu', 2],
    ],
  );
  const back = patched(
    {
      'constraint-rm': ['node.role!=manager'],
      'placement-pref-rm': ['spread=node.labels.zone'],
      'generic-resource-rm': ['gpu'],
    },
    spec,
  );
  t.is(back.task.placement.constraints.length, 1);
  t.deepEqual(back.task.placement.spreadOver, []);
  t.deepEqual(
    back.task.generic.map(({ kind }) => kind),
    ['fpga'],
  );
  t.regex(problemOf(t, { 'generic-resource-add': ['gpu'] }), /Write KIND=COUNT/);
  t.regex(problemOf(t, { 'placement-pref-add': ['binpack'] }), /Write spread=node\.labels\.NAME/);
  t.regex(problemOf(t, { strategy: ['pack'] }), /Use spread or binpack/);
});

test('ports are published in both ways of writing, and taken back by the container’s port', (t) => {
  const spec = patched({ 'publish-add': ['8080:80', 'published=53,target=53,protocol=udp,mode=host'] });
  t.deepEqual(spec.ports, [
    { ...emptyPort, published: 8080, target: 80 },
    { ...emptyPort, published: 53, target: 53, protocol: PortProtocol.UDP, mode: PublishMode.HOST },
  ]);
  const moved = patched({ 'publish-rm': ['80'], 'publish-add': ['8081:80'] }, spec);
  t.deepEqual(
    moved.ports.map(({ published }) => published),
    [53, 8081],
  );
  t.regex(problemOf(t, { 'publish-rm': ['53'] }, spec), /It has: 8080:80\/tcp, 53:53\/udp/);
  t.is(patched({ 'publish-rm': ['53/udp'] }, spec).ports.length, 1);
  t.regex(problemOf(t, { 'publish-add': ['target=80,name=x'] }), /name is not known/);
});

test('networks are joined and left by either name', (t) => {
  const spec = patched({ 'network-add': ['name=back,alias=db,alias=store', 'front'] });
  t.deepEqual(
    spec.task.networks.map(({ network, aliases }) => [network, aliases]),
    [
      ['visits_back', ['db', 'store']],
      ['visits_front', []],
    ],
  );
  t.is(patched({ 'network-rm': ['back', 'visits_front'] }, spec).task.networks.length, 0);
  t.is(patched({ 'endpoint-mode': ['dnsrr'] }).endpointMode, EndpointMode.DNSRR);
  t.regex(problemOf(t, { 'network-add': ['name=back,driver-opt=x'] }), /driver-opt is not known/);
});

test('mounts of every type come as in a file, one at each place', (t) => {
  const { mounts } = container({
    'mount-add': [
      'type=bind,source=/srv,target=/srv,ro',
      'source=data,target=/data,volume-nocopy=true',
      'type=tmpfs,target=/tmp,tmpfs-size=64m',
    ],
  });
  t.like(mounts[0], { type: MountType.BIND, source: '/srv', target: '/srv', readOnly: true, createHostPath: false });
  t.like(mounts[1], { type: MountType.VOLUME, source: 'visits_data', target: '/data', noCopy: true });
  t.like(mounts[2], { type: MountType.TMPFS, target: '/tmp', tmpfsSizeBytes: 64 * 2 ** 20 });
  const spec = patched({ 'mount-add': ['type=bind,source=/a,target=/x'] });
  t.is(container({ 'mount-add': ['type=bind,source=/b,target=/x'] }, spec).mounts[0]?.source, '/b');
  t.deepEqual(container({ 'mount-rm': ['/x'] }, spec).mounts, []);
  t.regex(problemOf(t, { 'mount-add': ['type=bind,source=srv,target=/srv'] }), /is a path of the nodes from \/ on/);
  t.regex(problemOf(t, { 'mount-add': ['type=tmpfs,target=/t,source=x'] }), /a tmpfs has no source/);
  t.regex(problemOf(t, { 'mount-add': ['type=volume,source=data'] }), /it does not say where/);
});

test('secrets and configs are given with their modes, and taken away', (t) => {
  const spec = patched({ 'secret-add': ['source=key,target=k,mode=0400'], 'config-add': ['source=site,target=/etc/site'] });
  t.deepEqual(
    spec.task.container.files.map(({ name, target, mode }) => [name, target, mode]),
    [
      ['visits_site', '/etc/site', 0o444],
      ['visits_key', '/run/secrets/k', 0o400],
    ],
  );
  t.deepEqual(container({ 'secret-rm': ['key'], 'config-rm': ['visits_site'] }, spec).files, []);
  t.regex(problemOf(t, { 'secret-rm': ['site'] }, spec), /no such thing/);
});

test('hosts, resolvers, kernel settings, limits, labels and groups are lists that grow and shrink', (t) => {
  const spec = patched({
    'host-add': ['db:10.0.0.7'],
    'dns-add': ['1.1.1.1'],
    'dns-search-add': ['example.org'],
    'dns-option-add': ['ndots:2'],
    'sysctl-add': ['net.core.somaxconn=1024'],
    'ulimit-add': ['nofile=1024:2048'],
    'container-label-add': ['a=b=c'],
    'label-add': ['team=core'],
    'group-add': ['44'],
  });
  const made = spec.task.container;
  t.deepEqual(made.extraHosts, ['db=10.0.0.7']);
  t.deepEqual(made.dns, { servers: ['1.1.1.1'], search: ['example.org'], options: ['ndots:2'] });
  t.deepEqual(made.sysctls, { 'net.core.somaxconn': '1024' });
  t.deepEqual(made.ulimits, [{ name: 'nofile', soft: 1024, hard: 2048 }]);
  t.deepEqual([made.labels, spec.labels, made.groupAdd], [{ a: 'b=c' }, { team: 'core' }, ['44']]);
  const bare = patched(
    {
      'host-rm': ['db'],
      'dns-rm': ['1.1.1.1'],
      'sysctl-rm': ['net.core.somaxconn'],
      'ulimit-rm': ['nofile'],
      'container-label-rm': ['a'],
      'label-rm': ['team'],
      'group-rm': ['44'],
    },
    spec,
  );
  const after = bare.task.container;
  t.deepEqual(
    [after.extraHosts, after.dns?.servers, after.sysctls, after.ulimits, after.labels, bare.labels, after.groupAdd],
    [[], [], {}, [], {}, {}, []],
  );
});

test('how many there are is said of a service, and of a job how often and how many at once', (t) => {
  const job: ServiceSpec = { ...base, mode: ServiceMode.REPLICATED_JOB, job: { totalCompletions: 5, maxConcurrent: 2 } };
  t.is(patched({ replicas: ['4'] }).replicas, 4);
  t.deepEqual(patched({ replicas: ['9'], 'max-concurrent': ['3'] }, job).job, { totalCompletions: 9, maxConcurrent: 3 });
  t.regex(problemOf(t, { 'max-concurrent': ['3'] }), /the service is no job/);
  t.regex(problemOf(t, { replicas: ['2'] }, { ...base, mode: ServiceMode.GLOBAL }), /the service is global/);
  t.regex(problemOf(t, { replicas: ['many'] }), /not a whole number/);
});

test('times, users and names are taken over', (t) => {
  t.like(
    container({
      user: ['1000:1000'],
      workdir: ['/w'],
      hostname: ['{{.Service.Name}}-{{.Task.Slot}}'],
      'stop-signal': ['SIGUSR1'],
      'stop-grace-period': ['90s'],
    }),
    {
      user: '1000:1000',
      workingDir: '/w',
      hostname: '{{.Service.Name}}-{{.Task.Slot}}',
      stopSignal: 'SIGUSR1',
      stopGracePeriodMs: 90_000,
    },
  );
  const logs = patched({ 'log-opt': ['max-size=5m', 'max-file=7'] }).task;
  t.deepEqual([logs.logMaxSizeBytes, logs.logMaxFiles], [5 * 2 ** 20, 7]);
  t.regex(problemOf(t, { 'log-opt': ['tag=x'] }), /There are max-size=10m and max-file=3/);
});

test('force replaces tasks although nothing else changes', (t) => {
  t.deepEqual(forced(base), { ...base, task: { ...base.task, forceUpdate: 1 } });
});

test('fields are split at commas outside of quotes, whatever is in them', (t) => {
  t.deepEqual(fieldsOf('x', 'type=bind,"source=/a,b",ro'), [
    ['type', 'bind'],
    ['source', '/a,b'],
    ['ro', 'true'],
  ]);
  const field = fc.tuple(fc.stringMatching(/^[a-z-]{1,8}$/), fc.string({ maxLength: 12 }));
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 5 }), (fields) => {
      const text = fields.map(([key, value]) => `"${`${key}=${value}`.replaceAll('"', '""')}"`).join(',');
      t.deepEqual(fieldsOf('x', text), fields);
    }),
  );
});

test('a variable that was added is gone once it is removed, whatever it holds', (t) => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z_]{1,8}$/), fc.string(), (name, value) => {
      const spec = patched({ 'env-add': [`${name}=${value}`] });
      t.deepEqual(spec.task.container.env, [`${name}=${value}`]);
      t.deepEqual(container({ 'env-rm': [name] }, spec), base.task.container);
    }),
  );
});

test('nothing is no entry of a list, no kernel setting and no health check', (t) => {
  for (const name of ['group-add', 'dns-search-add', 'env-add', 'mount-add', 'constraint-rm', 'label-add'])
    t.regex(problemOf(t, { [name]: [' '] }), new RegExp(`^--${name}: it is told nothing`), name);
  t.is(problemOf(t, { 'publish-add': [''] }), '--publish-add: it is told nothing | Write --publish-add PORT.');
  t.regex(problemOf(t, { 'sysctl-add': ['net.core.somaxconn'] }), /it has no value/);
  t.regex(problemOf(t, { 'health-cmd': [''] }), /--no-healthcheck/);
  t.is(container({ hostname: [''] }, patched({ hostname: ['x'] })).hostname, '');
});

test('whatever a flag is told, it is understood or refused by its name', (t) => {
  const flag = fc.constantFrom(...serviceFlags.filter(({ value }) => value !== undefined));
  const words = [
    '',
    '0',
    '-1',
    '1e9',
    'a=b',
    'a:b',
    '80:80',
    'x,y=z',
    '"',
    'name=',
    '=',
    '${X}',
    '9'.repeat(40),
    'NaN',
    'spread=',
    'node.id==',
  ];
  const text = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 8 }));
  fc.assert(
    fc.property(flag, text, (one, value) => {
      try {
        patchService(base, [{ flag: one, values: [value] }], tools);
      } catch (error) {
        if (!(error instanceof FlagProblem)) throw error;
        t.true(error.message.includes(`--${one.name}`), error.message);
      }
    }),
    { numRuns: 400 },
  );
});
