import {
  decode,
  EndpointMode,
  encode,
  MountType,
  PublishMode,
  PullPolicy,
  RebalanceMode,
  RestartCondition,
  ServiceMode,
  type ServiceSpec,
  UpdateOrder,
} from '@tso/proto';
import test from 'ava';
import { loadFrom } from '../load.ts';
import { memoryFiles, placesOf, saidOf, specOf } from '../testing/memory-files.ts';
import { serviceOf } from '../testing/spec-parts.ts';

const one = (service: string, rest = ''): string => `services:\n  web:\n    image: i\n    ${service.replaceAll('\n', '\n    ')}\n${rest}`;
const web = (service: string, rest = ''): ServiceSpec => {
  const [found] = specOf(one(service, rest), { env: { HOME: '/home/me' } }).services;
  if (found === undefined) throw new Error('no service');
  return found;
};

test('names are scoped by the stack unless name or external says otherwise', (t) => {
  const spec = specOf(
    one(
      'networks: [front, out]\nvolumes: ["data:/d", "old:/o"]',
      'networks: {front: , out: {external: true, name: shared}}\nvolumes: {data: , old: {name: kept}}\n',
    ),
  );
  t.deepEqual(
    spec.networks.map((network) => [network.name, network.external]),
    [
      ['project_front', false],
      ['shared', true],
    ],
  );
  t.deepEqual(
    spec.volumes.map((volume) => volume.name),
    ['kept', 'project_data'],
  );
  t.deepEqual(
    spec.services[0]?.task.container.mounts.map((mount) => mount.source),
    ['project_data', 'kept'],
  );
});

test('a service without networks joins the default one, where its own names are known without being asked for', (t) => {
  const spec = specOf(one('container_name: boxed'));
  t.deepEqual(spec.services[0]?.task.networks, [
    {
      network: 'project_default',
      aliases: [],
      ipv4Address: '',
      ipv6Address: '',
      macAddress: '',
      priority: 0,
      interfaceName: '',
      linkLocalIps: [],
    },
  ]);
  t.deepEqual(
    spec.networks.map((network) => network.name),
    ['project_default'],
  );
});

test('bind sources become absolute; the short form makes a missing folder, the long form may say no', (t) => {
  const { mounts } = web('volumes: ["./a:/a", "~/b:/b:ro", {type: bind, source: ./c, target: /c, bind: {create_host_path: false}}]').task
    .container;
  t.deepEqual(
    mounts.map((mount) => [mount.source, mount.readOnly, mount.createHostPath]),
    [
      ['/project/a', false, true],
      ['/home/me/b', true, true],
      ['/project/c', false, false],
    ],
  );
});

test('tmpfs in both forms carries size and mode', (t) => {
  const { mounts } = web('tmpfs: "/run:size=64m,mode=755"\nvolumes: [{type: tmpfs, target: /t, tmpfs: {size: 1k, mode: 0700}}]').task
    .container;
  t.deepEqual(
    mounts.map((mount) => [mount.type, mount.target, mount.tmpfsSizeBytes, mount.tmpfsMode]),
    [
      [MountType.TMPFS, '/t', 1024, 0o700],
      [MountType.TMPFS, '/run', 67_108_864, 0o755],
    ],
  );
});

test('restart and restart_policy map to one policy', (t) => {
  t.is(web('tty: false').task.restart.condition, RestartCondition.RESTART_ANY);
  t.is(web('restart: "no"').task.restart.condition, RestartCondition.RESTART_NONE);
  t.like(web('restart: on-failure:3').task.restart, { condition: RestartCondition.RESTART_ON_FAILURE, maxAttempts: 3, delayMs: 5000 });
  t.is(web('restart: unless-stopped').task.restart.condition, RestartCondition.RESTART_ANY);
  t.like(web('restart: "no"\ndeploy: {restart_policy: {condition: any, delay: 1s, window: 1m}}').task.restart, {
    condition: RestartCondition.RESTART_ANY,
    delayMs: 1000,
    windowMs: 60_000,
  });
});

test('limits and reservations come from either spelling', (t) => {
  t.deepEqual(web('mem_limit: 64m\ncpus: 0.5\npids_limit: 100\nmem_reservation: 32m').task.limits, {
    nanoCpus: 5e8,
    memoryBytes: 67_108_864,
    pids: 100,
  });
  t.like(web('deploy: {resources: {limits: {cpus: "1.5", memory: 1g, pids: 5}, reservations: {cpus: 0.25}}}').task, {
    limits: { nanoCpus: 1.5e9, memoryBytes: 1_073_741_824, pids: 5 },
    reservations: { nanoCpus: 2.5e8, memoryBytes: 0, pids: 0 },
  });
  t.is(web('cpu_quota: 50000\ncpu_period: 25000').task.limits.nanoCpus, 2e9);
  t.deepEqual(placesOf(one('mem_limit: 1m')), ['4:16 E402']);
});

test('ports are expanded, and two services cannot publish the same one', (t) => {
  t.deepEqual(
    web('ports: ["9000-9001:80-81", {target: 53, protocol: udp, mode: host}]').ports.map((port) => [
      port.published,
      port.target,
      port.mode,
    ]),
    [
      [9000, 80, PublishMode.INGRESS],
      [9001, 81, PublishMode.INGRESS],
      [0, 53, PublishMode.HOST],
    ],
  );
  t.is(
    saidOf('services: {a: {image: i, ports: ["80:1"]}, b: {image: i, ports: ["80:2"]}}')[0]?.message,
    'port 80/tcp is published by service a already',
  );
});

test('the container gets what the service says', (t) => {
  const { container } = web(
    [
      'command: sh -c "exit 1"',
      'entrypoint: []',
      'environment: {A: 1, GONE: }',
      'stop_grace_period: 1m30s',
      'user: "1:2"',
      'group_add: [3]',
      'init: true',
      'cap_add: [NET_ADMIN]',
      'sysctls: [net.core.somaxconn=1]',
      'ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}',
      'shm_size: 1m',
      'devices: ["/dev/null:/dev/x:r"]',
      'extra_hosts: ["a:1.2.3.4"]',
      'dns: 1.1.1.1',
      'pull_policy: always',
      'security_opt: [no-new-privileges:true, seccomp=unconfined]',
      'pid: host',
    ].join('\n'),
  ).task;
  t.like(container, {
    command: { values: ['sh', '-c', 'exit 1'] },
    entrypoint: { values: [] },
    env: ['A=1', 'GONE'],
    stopGracePeriodMs: 90_000,
    user: '1:2',
    groupAdd: ['3'],
    init: true,
    capAdd: ['NET_ADMIN'],
    sysctls: { 'net.core.somaxconn': '1' },
    ulimits: [
      { name: 'nofile', soft: 1, hard: 2 },
      { name: 'nproc', soft: 3, hard: 3 },
    ],
    shmSizeBytes: 1_048_576,
    devices: [{ source: '/dev/null', target: '/dev/x', permissions: 'r' }],
    extraHosts: ['a=1.2.3.4'],
    dns: { servers: ['1.1.1.1'], search: [], options: [] },
    pullPolicy: PullPolicy.PULL_ALWAYS,
    noNewPrivileges: true,
    seccomp: 'unconfined',
    pidMode: 'host',
  });
});

test('names of hosts lead to addresses or to the host itself, and DNS servers are addresses', (t) => {
  t.deepEqual(web('extra_hosts: ["up:host-gateway", "six=[::1]"]').task.container.extraHosts, ['six=::1', 'up=host-gateway']);
  t.deepEqual(placesOf(one('extra_hosts: ["a=b"]\ndns: [resolver.example]')), ['4:19 E202', '5:11 E202']);
});

test('a loopback address under dns is told at its line: it means the task itself, which is not asked', (t) => {
  t.deepEqual(placesOf(one('dns: [127.0.0.1, 1.1.1.1, "::1", 0.0.0.0, "::ffff:127.0.0.53"]')), [
    '4:11 W401',
    '4:31 W401',
    '4:38 W401',
    '4:47 W401',
  ]);
  const [some, all] = ['dns: [127.0.0.1, 1.1.1.1]', 'dns: 127.0.0.1'].map((said) => saidOf(one(said))[0]);
  t.is(some?.message, '127.0.0.1 under dns means the task itself, and is not asked');
  t.is(all?.message, '127.0.0.1 under dns means the task itself, and is not asked: only names of services are answered');
  t.regex(all?.hint ?? '', /without dns/);
  t.deepEqual(saidOf(one('dns: 127.0.0.1\nnetwork_mode: host')), [], "there it is the host's");
});

test('a health check is spelled out, and disable turns it off', (t) => {
  t.like(web('healthcheck: {test: curl -f x, interval: 2s, retries: 4}').task.container.healthCheck, {
    test: ['CMD-SHELL', 'curl -f x'],
    intervalMs: 2000,
    retries: 4,
  });
  t.deepEqual(web('healthcheck: {disable: true}').task.container.healthCheck?.test, ['NONE']);
  t.deepEqual(placesOf(one('healthcheck: {test: [curl, x]}')), ['4:19 E202']);
});

test('deploy says mode, updates, placement and endpoint', (t) => {
  const spec = web(
    'deploy: {mode: global, endpoint_mode: dnsrr, labels: {a: b}, update_config: {order: start-first, parallelism: 0, delay: 2s}, placement: {constraints: [node.role==worker], preferences: [{spread: node.labels.z}]}}',
  );
  t.like(spec, { mode: ServiceMode.GLOBAL, endpointMode: EndpointMode.DNSRR, labels: { a: 'b' } });
  t.like(spec.update, { order: UpdateOrder.START_FIRST, parallelism: 0, delayMs: 2000 });
  t.deepEqual(spec.task.placement, { constraints: ['node.role==worker'], spreadOver: ['node.labels.z'], maxReplicasPerNode: 0 });
  t.deepEqual(placesOf(one('deploy: {mode: replicate}')), ['4:20 E202']);
});

test('log limits of the file drivers act; another driver is a warning', (t) => {
  t.like(web('logging: {driver: json-file, options: {max-size: 5m, max-file: 2}}').task, { logMaxSizeBytes: 5_242_880, logMaxFiles: 2 });
  t.deepEqual(placesOf(one('logging: {driver: fluentd}')), ['4:23 W401']);
});

test('what is not supported is refused by its name, never dropped', (t) => {
  const said = saidOf(one('gpus: all\nstorage_opt: {size: 1g}\nnetwork_mode: ns:/var/run/x'));
  t.deepEqual(
    said.map((found) => `${found.code} ${found.path}`),
    ['E400 services.web.gpus', 'E400 services.web.storage_opt', 'E401 services.web.network_mode'],
  );
});

test('what changes nothing here is a warning', (t) => {
  t.deepEqual(placesOf(one('attach: false\nisolation: hyperv')), ['4:5 W400', '5:5 W400']);
});

test('a seccomp profile is read from beside the file', (t) => {
  const texts = {
    '/project/compose.yaml': one('security_opt: ["seccomp=p.json"]'),
    '/project/p.json': '{"defaultAction":"SCMP_ACT_ALLOW"}',
  };
  t.is(specOf(texts).services[0]?.task.container.seccomp, '{"defaultAction":"SCMP_ACT_ALLOW"}');
  t.deepEqual(placesOf(one('security_opt: ["seccomp=none.json"]')), ['4:20 E101']);
});

test('the spec is a message the wire takes and gives back unchanged', (t) => {
  const result = loadFrom(
    { files: [], cwd: '/project', env: {} },
    memoryFiles({
      '/project/compose.yaml': one(
        'ports: ["80:80"]\nvolumes: ["d:/d"]\ndepends_on: {b: {condition: service_healthy}}',
        '  b: {image: x}\nvolumes: {d: {}}\n',
      ),
    }),
  );
  t.true(result.ok);
  if (!result.ok) return;
  t.deepEqual(decode('StackSpec', encode('StackSpec', result.spec)), result.spec);
});

test('x-tso-rebalance says whether tasks move to new nodes by themselves', (t) => {
  t.is(web('x-tso-rebalance: auto').rebalance, RebalanceMode.REBALANCE_AUTO);
  t.is(web('x-tso-rebalance: never').rebalance, RebalanceMode.REBALANCE_NEVER);
  t.is(web('tty: true').rebalance, RebalanceMode.REBALANCE_NEVER);
});

test('x-tso-rebalance with another value, on a global service, or misspelt, is told', (t) => {
  const told = (service: string): string =>
    saidOf(one(service))
      .map(({ code, message }) => `${code} ${message}`)
      .join();
  t.regex(told('x-tso-rebalance: often'), /E202.*"often" is not a way to rebalance/);
  t.regex(told('x-tso-rebalance: true'), /E202.*true is not a way to rebalance/);
  t.regex(told('x-tso-rebalance: auto\ndeploy: {mode: global}'), /W400.*none to move/);
  t.regex(told('x-tso-rebalanc: auto'), /W400.*x-tso-rebalanc means nothing/);
  t.notRegex(told('x-mine: auto'), /means nothing/);
});

test('dependencies of every form wait as they say, and one that takes no part is not waited for', (t) => {
  const text = one(
    [
      'depends_on:',
      '  a: {condition: service_healthy, restart: true}',
      '  b: {condition: service_completed_successfully}',
      '  c: {condition: service_started, required: false}',
      '  d: {condition: service_started, required: false}',
    ].join('\n'),
    '  a: {image: i}\n  b: {image: i}\n  c: {image: i}\n  d: {image: i, profiles: [extra]}\n',
  );
  const web = specOf(text).services.find(({ name }) => name === 'web');
  t.deepEqual(web?.dependsOn, [
    { service: 'a', condition: 'service_healthy', required: true, restart: true },
    { service: 'b', condition: 'service_completed_successfully', required: true, restart: false },
    { service: 'c', condition: 'service_started', required: false, restart: false },
  ]);
  const all = specOf(text, { profiles: ['extra'] }).services.find(({ name }) => name === 'web');
  t.deepEqual(all?.dependsOn.at(-1), { service: 'd', condition: 'service_started', required: false, restart: false });
});

test('container_name names one container: neither several replicas nor one on each node', (t) => {
  t.deepEqual(placesOf(one('container_name: box\nscale: 2')), ['4:5 E303']);
  t.deepEqual(placesOf(one('container_name: box\ndeploy: {mode: global}')), ['4:21 E303']);
});

test('a service that others wait for to complete runs once, unless it says otherwise', (t) => {
  const restartOf = (more: string) =>
    serviceOf(one('depends_on: {db: {condition: service_completed_successfully}}', `  db: {image: i${more}}\n`), 'db').task.restart
      .condition;
  t.is(restartOf(''), RestartCondition.RESTART_NONE);
  t.is(restartOf(', restart: on-failure'), RestartCondition.RESTART_ON_FAILURE);
  t.is(restartOf(', deploy: {restart_policy: {delay: 1s}}'), RestartCondition.RESTART_ANY);
  t.is(restartOf(', deploy: {mode: replicated-job}'), RestartCondition.RESTART_ON_FAILURE);
  t.is(web('depends_on: [db]', '  db: {image: i}\n').task.restart.condition, RestartCondition.RESTART_ANY);
});
