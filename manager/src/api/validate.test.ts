import type { ServiceSpec, StackSpec } from '@tso/proto';
import { emptyMount, MountType, PortProtocol, PublishMode } from '@tso/proto';
import test from 'ava';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { validateStack } from './validate.ts';

const gib = 1024 ** 3;
const refusal = (spec: StackSpec, world = new World()): string => {
  const problem = validateStack(world.tables, spec);
  return problem === undefined ? 'accepted' : `${problem.code}: ${problem.message}`;
};
const one = (change: Parameters<typeof serviceSpec>[1], more: Partial<StackSpec> = {}): StackSpec =>
  stackSpec('shop', [serviceSpec('web', change)], more);
const port = (published: number, mode: PublishMode = PublishMode.INGRESS, hostIp = '') => ({
  target: 80,
  published,
  protocol: PortProtocol.TCP,
  mode,
  hostIp,
  onlyLocal: false,
  rangeFrom: 0,
  rangeTo: 0,
});

test('a memory limit that no host has is refused with host and sizes', (t) => {
  const limits = { nanoCpus: 0, memoryBytes: 64 * gib, pids: 0 };
  t.is(
    refusal(one({ task: { limits } })),
    'INVALID_ARGUMENT: service web: the memory limit of 64 GiB cannot be had: host alpha has only 8 GiB',
  );
  const two = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  t.is(
    refusal(one({ task: { limits } }), two),
    'INVALID_ARGUMENT: service web: the memory limit of 64 GiB cannot be had: none of the 2 hosts has more than 8 GiB',
  );
  t.is(refusal(one({ task: { limits: { ...limits, memoryBytes: 8 * gib } } })), 'accepted');
});

test('a port of another stack is refused with its holder', (t) => {
  const world = new World();
  world.up(stackSpec('other', [serviceSpec('front', { ports: [port(8080)] })]));
  t.is(refusal(one({ ports: [port(8080)] }), world), 'CONFLICT: service web: port 8080/tcp is taken by service front of stack other');
  t.is(
    refusal(one({ ports: [port(8080, PublishMode.HOST)] }), world),
    'CONFLICT: service web: port 8080/tcp is taken by service front of stack other',
  );
  t.is(refusal(one({ ports: [port(8081)] }), world), 'accepted');
  world.down('other');
  t.is(refusal(one({ ports: [port(8080)] }), world), 'accepted');
});

test('ports that clash within the stack are refused; different addresses and dynamic ones do not clash', (t) => {
  const both = (a: ServiceSpec['ports'][number], b: ServiceSpec['ports'][number]) =>
    stackSpec('shop', [serviceSpec('api', { ports: [a] }), serviceSpec('web', { ports: [b] })]);
  t.is(refusal(both(port(8080), port(8080))), 'INVALID_ARGUMENT: port 8080/tcp is taken: services api and web both publish it');
  t.is(refusal(one({ ports: [port(8080), port(8080)] })), 'INVALID_ARGUMENT: port 8080/tcp is taken: service web publishes it twice');
  t.is(refusal(both(port(0), port(0))), 'accepted');
  t.is(refusal(both(port(8080, PublishMode.INGRESS, '127.0.0.1'), port(8080, PublishMode.INGRESS, '127.0.0.2'))), 'accepted');
  t.is(refusal(both(port(8080, PublishMode.HOST), port(8080, PublishMode.HOST))), 'accepted');
});

test('an external network must be there', (t) => {
  const spec = one({ task: { networks: [attachment('backbone')] } }, { networks: [networkSpec('backbone', { external: true })] });
  t.is(refusal(spec), 'NOT_FOUND: external network backbone does not exist');
  const hint = 'Apply the stack first that makes this network, or leave external out to have this one make it';
  t.is(validateStack(new World().tables, spec)?.hint, hint);
  const world = new World();
  world.up(stackSpec('base', [], { networks: [networkSpec('backbone')] }));
  t.is(refusal(spec, world), 'accepted');
  t.is(refusal(one({}, { networks: [networkSpec('backbone')] }), world), 'CONFLICT: network backbone belongs to stack base already');
});

test('a subnet that overlaps a network that is there is refused', (t) => {
  const world = new World();
  world.up(stackSpec('base', [], { networks: [networkSpec('base_default')] }));
  t.is(
    refusal(one({}, { networks: [networkSpec('shop_default', { subnet: '10.128.0.128/25' })] }), world),
    'CONFLICT: network shop_default: subnet 10.128.0.128/25 overlaps 10.128.0.0/24 of network base_default',
  );
});

test('a volume that is being removed with its data is not reused meanwhile', (t) => {
  const world = new World();
  const volumes = [{ name: 'shop_data', driver: 'local', external: false, labels: {}, driverOpts: {} }];
  const mounts = [
    {
      ...emptyMount,
      type: MountType.VOLUME,
      source: 'shop_data',
      target: '/data',
    },
  ];
  const spec = one({ task: { container: { mounts } } }, { volumes });
  world.up(spec);
  world.run();
  world.down('shop', true);
  t.is(refusal(spec, world), 'FAILED_PRECONDITION: volume shop_data is being removed with its data');
  world.run();
  t.is(refusal(spec, world), 'accepted');
});

test('every problem is in the details, the first one speaks', (t) => {
  const problem = validateStack(new World().tables, one({ replicas: 2, task: { container: { image: '', containerName: 'x' } } }));
  t.is(problem?.message, 'service web: it has no image');
  t.like(problem?.details, { problems: { length: 2 } });
});

const cases: readonly (readonly [string, StackSpec])[] = [
  ['INVALID_ARGUMENT: "Shop!" cannot be the name of a stack', stackSpec('Shop!', [])],
  ['INVALID_ARGUMENT: service web is given twice', stackSpec('shop', [serviceSpec('web'), serviceSpec('web')])],
  ["INVALID_ARGUMENT: service web: network shop_x is not among the stack's networks", one({ task: { networks: [attachment('shop_x')] } })],
  [
    'INVALID_ARGUMENT: service web: placement constraint "disk=ssd" cannot be understood: it must read KEY==VALUE or KEY!=VALUE',
    one({ task: { placement: { constraints: ['disk=ssd'], spreadOver: [], maxReplicasPerNode: 0 } } }),
  ],
  [
    'INVALID_ARGUMENT: service web: a memory limit of 1 MiB is too little',
    one({ task: { limits: { nanoCpus: 0, memoryBytes: 1024 ** 2, pids: 0 } } }),
  ],
  [
    'INVALID_ARGUMENT: service web: more memory is reserved than the limit allows',
    one({ task: { limits: { nanoCpus: 0, memoryBytes: gib, pids: 0 }, reservations: { nanoCpus: 0, memoryBytes: 2 * gib, pids: 0 } } }),
  ],
  [
    'INVALID_ARGUMENT: service web: ports cannot be published with network_mode host',
    one({ ports: [port(80)], task: { networkMode: 'host' } }),
  ],
  [
    'INVALID_ARGUMENT: service web depends on db, which is not a service of the stack',
    one({ dependsOn: [{ service: 'db', condition: 'service_started', required: true, restart: false }] }),
  ],
  [
    'INVALID_ARGUMENT: the services depend on each other in a circle: web -> web',
    one({ dependsOn: [{ service: 'web', condition: 'service_started', required: true, restart: false }] }),
  ],
  [
    'INVALID_ARGUMENT: network shop_default: "10.0.0.0/4" is not an IPv4 subnet between /8 and /29',
    one({}, { networks: [networkSpec('shop_default', { subnet: '10.0.0.0/4' })] }),
  ],
  [
    'INVALID_ARGUMENT: service web: ipv4_address 10.10.0.5 is outside 10.9.0.0/24 of network shop_default',
    one(
      { task: { networks: [attachment('shop_default', { ipv4Address: '10.10.0.5' })] } },
      { networks: [networkSpec('shop_default', { subnet: '10.9.0.0/24' })] },
    ),
  ],
  [
    'INVALID_ARGUMENT: service web: one ipv4_address cannot be given to several tasks',
    one(
      { replicas: 2, task: { networks: [attachment('shop_default', { ipv4Address: '10.9.0.5' })] } },
      { networks: [networkSpec('shop_default', { subnet: '10.9.0.0/24' })] },
    ),
  ],
  [
    'INVALID_ARGUMENT: service web: container_name x cannot be given to several tasks',
    one({ replicas: 2, task: { container: { containerName: 'x' } } }),
  ],
];
for (const [expected, spec] of cases) test(`refused with ${expected}`, (t) => t.is(refusal(spec), expected));

test('a name that no image can have is refused before a node asks for it', (t) => {
  const refused = (image: string) => refusal(one({ task: { container: { image } } }));
  t.is(refused('NGINX'), 'INVALID_ARGUMENT: service web: image name "NGINX": the path must be lower case');
  t.is(refused('nginx:lat est'), 'INVALID_ARGUMENT: service web: image name "nginx:lat est": "lat est" is not a tag');
  t.is(refused(`sha256:${'ab'.repeat(32)}`), 'accepted');
  const mounted = (source: string) =>
    refusal(one({ task: { container: { mounts: [{ ...emptyMount, type: MountType.IMAGE, source, target: '/a', readOnly: true }] } } }));
  t.is(mounted('A'), 'INVALID_ARGUMENT: service web: image name "A": the path must be lower case');
  t.is(mounted('tools:{{.Node.Platform.Architecture}}'), 'accepted');
});
