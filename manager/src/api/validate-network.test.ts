import {
  EndpointMode,
  emptyPort,
  type NetworkSpec,
  newNetwork,
  newService,
  PortProtocol,
  PublishMode,
  type ServiceSpec,
  type StackSpec,
} from '@tso/proto';
import test from 'ava';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { validateStack } from './validate.ts';

const refusal = (spec: StackSpec, world = new World()): string => {
  const problem = validateStack(world.tables, spec);
  return problem === undefined ? 'accepted' : `${problem.code}: ${problem.message}`;
};
const withNetwork = (change: Partial<NetworkSpec>): StackSpec => stackSpec('shop', [], { networks: [networkSpec('net', change)] });
const six = { enableIpv6: true, subnet6: 'fd00:1::/64' };
const lan = { driver: 'macvlan', driverOpts: { parent: 'eth0' }, subnet: '192.168.7.0/24' };

/** What is wrong with a network, after `INVALID_ARGUMENT: network net: `. */
const specs: readonly (readonly [string, Partial<NetworkSpec>])[] = [
  ['there is no network driver weave', { driver: 'weave' }],
  ['the driver overlay has no option vxlan', { driverOpts: { vxlan: '5' } }],
  ['the driver bridge has no option parent', { driver: 'bridge', driverOpts: { parent: 'eth0' } }],
  ['encrypted is for the driver overlay, and this one is bridge', { driver: 'bridge', driverOpts: { encrypted: 'true' } }],
  ['encrypted is "yes"', { driverOpts: { encrypted: 'yes' } }],
  ['mtu is "9k"', { driverOpts: { mtu: '9k' } }],
  ['mtu is "1000"', { driverOpts: { mtu: '1000' }, enableIpv6: true }],
  ['the driver macvlan needs a parent', { ...lan, driverOpts: {} }],
  ['"eth 0" cannot be the name of a parent device', { ...lan, driverOpts: { parent: 'eth 0' } }],
  ['the driver macvlan needs a subnet', { ...lan, subnet: '' }],
  ['"10.9.0.0" is not an IPv4 subnet between /8 and /29', { subnet: '10.9.0.0' }],
  ['"10.9.0.0/30" is not an IPv4 subnet between /8 and /29', { subnet: '10.9.0.0/30' }],
  ['subnet 127.4.0.0/16 has addresses of the loopback (127.0.0.0/8)', { subnet: '127.4.0.0/16' }],
  ['subnet 224.1.0.0/24 has addresses of groups (224.0.0.0/4)', { subnet: '224.1.0.0/24' }],
  ['subnet 0.0.0.0/8 has addresses of no host (0.0.0.0/8)', { subnet: '0.0.0.0/8' }],
  ['subnet 169.254.40.0/24 has addresses of one link (169.254.0.0/16)', { subnet: '169.254.40.0/24', gateway: '169.254.40.9' }],
  ['subnet 169.0.0.0/8 has addresses of one link (169.254.0.0/16)', { subnet: '169.0.0.0/8' }],
  ['subnet 255.255.255.0/24 has addresses of nobody yet (240.0.0.0/4)', { ...lan, subnet: '255.255.255.0/24' }],
  ['a gateway without a subnet has no meaning', { gateway: '10.9.0.1' }],
  ['an ip_range without a subnet has no meaning', { ipRange: '10.9.0.0/25' }],
  ['reserved addresses without a subnet have no meaning', { reserved: { a: '10.9.0.7' } }],
  ['gateway 10.8.0.1 is not in 10.9.0.0/24', { subnet: '10.9.0.0/24', gateway: '10.8.0.1' }],
  ['gateway 10.9.0.255 is the network or broadcast address of 10.9.0.0/24', { subnet: '10.9.0.0/24', gateway: '10.9.0.255' }],
  ['gateway "router" is not an IPv4 address', { subnet: '10.9.0.0/24', gateway: 'router' }],
  ['ip_range 10.9.1.0/25 is not in 10.9.0.0/24', { subnet: '10.9.0.0/24', ipRange: '10.9.1.0/25' }],
  ['ip_range "10.9.0.1-9" is not an IPv4 block', { subnet: '10.9.0.0/24', ipRange: '10.9.0.1-9' }],
  ['reserved address (nas) 10.9.1.7 is not in 10.9.0.0/24', { subnet: '10.9.0.0/24', reserved: { nas: '10.9.1.7' } }],
  ['reserved address (nas) 10.9.0.7 is the gateway', { subnet: '10.9.0.0/24', gateway: '10.9.0.7', reserved: { nas: '10.9.0.7' } }],
  ['reserved address (nas) "nas" is not an IPv4 address', { subnet: '10.9.0.0/24', reserved: { nas: 'nas' } }],
  ['reserved address (nas) fd00::1 is of IPv6, and no IPv6 subnet was given', { subnet: '10.9.0.0/24', reserved: { nas: 'fd00::1' } }],
  ['no address is left to give out in 10.9.0.1/32', { subnet: '10.9.0.0/24', ipRange: '10.9.0.1/32' }],
  ['fd00:1::/64 is of IPv6, and the network has none', { subnet6: 'fd00:1::/64' }],
  ['fd00:1::1 without an IPv6 subnet has no meaning', { enableIpv6: true, gateway6: 'fd00:1::1' }],
  ['"fd00:1::" is not an IPv6 subnet of /16 or smaller', { enableIpv6: true, subnet6: 'fd00:1::' }],
  ['fd00:1::/121 has room for fewer addresses than its IPv4 subnet, a /24', { enableIpv6: true, subnet6: 'fd00:1::/121' }],
  ['the addresses of fe80::/64 are of one link (fe80::/10)', { enableIpv6: true, subnet6: 'fe80::/64' }],
  ['gateway fd00:2::1 is not in fd00:1::/64', { ...six, gateway6: 'fd00:2::1' }],
  ['gateway fd00:1:: stands for all routers of fd00:1::/64', { ...six, gateway6: 'fd00:1::' }],
  ['ip_range fd00:2::/112 is not in fd00:1::/64', { ...six, ipRange6: 'fd00:2::/112' }],
  ['ip_range fd00:1::/125 has room for fewer addresses than the IPv4 subnet, a /24', { ...six, ipRange6: 'fd00:1::/125' }],
];
for (const [expected, change] of specs)
  test(`a network is refused: ${expected}, said of ${JSON.stringify(change)}`, (t) =>
    t.is(refusal(withNetwork(change)), `INVALID_ARGUMENT: network net: ${expected}`));

for (const [what, change] of [
  [
    'all of IPv4 and IPv6',
    { subnet: '10.9.0.0/24', gateway: '10.9.0.254', ipRange: '10.9.0.128/26', reserved: { a: '10.9.0.9', b: 'fd00:1::9' }, ...six },
  ],
  ['encryption and an MTU', { driverOpts: { encrypted: 'true', mtu: '8950' } }],
  ['options that are another engine’s', { driver: 'bridge', driverOpts: { 'com.docker.network.bridge.name': 'br0' } }],
  ['a physical network', lan],
  ['no driver at all', { driver: '' }],
  ['a pair of one reserved and one free', { subnet: '10.9.0.0/29', reserved: { a: '10.9.0.2' } }],
] as const)
  test(`a network is taken with ${what}`, (t) => t.is(refusal(withNetwork(change)), 'accepted'));

test('networks of one file may not overlap each other, in either family', (t) => {
  const both = (a: Partial<NetworkSpec>, b: Partial<NetworkSpec>) =>
    stackSpec('shop', [], { networks: [networkSpec('a', a), networkSpec('b', b)] });
  t.is(
    refusal(both({ subnet: '10.9.0.0/24' }, { subnet: '10.9.0.0/16' })),
    'CONFLICT: network a: subnet 10.9.0.0/24 overlaps 10.9.0.0/16 of network b',
  );
  t.is(refusal(both(six, six)), 'CONFLICT: network a: subnet fd00:1::/64 overlaps fd00:1::/64 of network b');
  t.is(refusal(both(six, { enableIpv6: true, subnet6: 'fd00:2::/64' })), 'accepted');
});

test('a subnet may hold neither the way to a node nor the whole pool, but lie in it', (t) => {
  const world = new World([nodeNamed('alpha', { address: '172.20.0.4' })]);
  t.is(
    refusal(withNetwork({ subnet: '172.20.0.0/16' }), world),
    'CONFLICT: network net: subnet 172.20.0.0/16 holds the address 172.20.0.4 of node alpha',
  );
  t.is(refusal(withNetwork({ ...lan, subnet: '172.20.0.0/16' }), world), 'accepted', 'of a physical network it is meant');
  t.is(
    refusal(withNetwork({ subnet: '10.0.0.0/8' }), world),
    'CONFLICT: network net: subnet 10.0.0.0/8 takes all of the address pool 10.128.0.0/9',
  );
  t.is(refusal(withNetwork({ subnet: '10.200.0.0/16' }), world), 'accepted');
});

test('what was accepted once is accepted again, and what changed is refused while it exists', (t) => {
  const world = new World();
  world.up(withNetwork({ subnet: '172.20.0.0/16' }));
  world.changeNode('alpha', { address: '172.20.0.4' });
  t.is(refusal(withNetwork({ subnet: '172.20.0.0/16', labels: { a: 'b' } }), world), 'accepted');
  t.is(
    refusal(withNetwork({ subnet: '172.20.0.0/16', internal: true }), world),
    'FAILED_PRECONDITION: network net exists with other settings (internal from false to true), and these cannot change while it exists',
  );
});

test('what is other than it was is said with from and to, the first of much', (t) => {
  const world = new World();
  world.up(withNetwork({ subnet: '172.20.0.0/16', driverOpts: { mtu: '1400' } }));
  const six = { enableIpv6: true, subnet6: 'fd00:1::/64' };
  const problem = validateStack(
    world.tables,
    withNetwork({ subnet: '172.21.0.0/16', ipRange: '172.21.4.0/24', ...six, labels: { a: 'b' } }),
  );
  t.is(
    problem?.message,
    'network net exists with other settings (subnet from 172.20.0.0/16 to 172.21.0.0/16, driverOpts.mtu from 1400 to none, ' +
      'ipRange from none to 172.21.4.0/24 and 2 more), and these cannot change while it exists',
  );
  t.like(problem?.details, { name: 'net', changes: { length: 5, 0: { path: 'subnet', from: '172.20.0.0/16', to: '172.21.0.0/16' } } });
  const volume = (driverOpts: Readonly<Record<string, string>>) =>
    stackSpec('box', [], { volumes: [{ name: 'data', driver: 'local', external: false, labels: {}, driverOpts }] });
  const share = { type: 'cifs', device: '//files/data' };
  world.up(volume(share));
  t.is(
    refusal(volume({ ...share, o: 'password=x' }), world),
    'FAILED_PRECONDITION: volume data exists with other settings (driverOpts.o), and these cannot change while it exists',
    'without what may be secret',
  );
});

test('no network gets a name that compose files join another thing by; one that was made before stays', (t) => {
  for (const name of ['host', 'none', 'bridge']) {
    const own = stackSpec('shop', [], { networks: [networkSpec(name)] });
    t.is(refusal(own), `INVALID_ARGUMENT: network ${name} could not be joined: compose files mean something else by that name`);
    const external = stackSpec('shop', [], { networks: [networkSpec(name, { external: true })] });
    t.is(refusal(external), `NOT_FOUND: external network ${name} does not exist`);
    const world = new World();
    world.commit([{ putNetwork: { ...newNetwork, id: 'n', stack: 'shop', spec: networkSpec(name) } }]);
    t.is(refusal(own, world), 'accepted');
  }
});

test("the cluster's own networks are nobody's, not even as external ones", (t) => {
  for (const name of ['ingress', 'tunnels'])
    for (const external of [true, false])
      t.is(
        refusal(stackSpec('shop', [], { networks: [networkSpec(name, { external })] })),
        `INVALID_ARGUMENT: network ${name} is the cluster's own`,
      );
});

const networks = [networkSpec('net', { subnet: '10.9.0.0/24', reserved: { nas: '10.9.0.9' }, ...six }), networkSpec('plain')];
const web = (change: Parameters<typeof serviceSpec>[1]): StackSpec => stackSpec('shop', [serviceSpec('web', change)], { networks });
const on = (change: Parameters<typeof attachment>[1], network = 'net', more: Partial<ServiceSpec> = {}): StackSpec =>
  web({ ...more, task: { networks: [attachment(network, change)] } });
const port = (change: Partial<typeof emptyPort>) => ({ ...emptyPort, target: 80, published: 8080, ...change });

/** What is wrong with a service, after `INVALID_ARGUMENT: service web: `. */
const services: readonly (readonly [string, StackSpec])[] = [
  ['"10.9" is not an IPv4 address', on({ ipv4Address: '10.9' })],
  ['ipv4_address 10.9.1.5 is outside 10.9.0.0/24 of network net', on({ ipv4Address: '10.9.1.5' })],
  ['ipv4_address 10.9.0.1 is the gateway of network net, or reserved there', on({ ipv4Address: '10.9.0.1' })],
  ['ipv4_address 10.9.0.9 is the gateway of network net, or reserved there', on({ ipv4Address: '10.9.0.9' })],
  ['ipv4_address 10.9.0.255 is the network or broadcast address of 10.9.0.0/24 of network net', on({ ipv4Address: '10.9.0.255' })],
  ['ipv4_address 10.9.0.5 needs a subnet of network plain', on({ ipv4Address: '10.9.0.5' }, 'plain')],
  ['one ipv4_address cannot be given to several tasks', on({ ipv4Address: '10.9.0.5' }, 'net', { replicas: 2 })],
  ['one ipv6_address cannot be given to several tasks', on({ ipv6Address: 'fd00:1::5' }, 'net', { replicas: 2 })],
  ['one mac_address cannot be given to several tasks', on({ macAddress: '02:00:00:00:00:01' }, 'net', { replicas: 2 })],
  ['MAC address 01:00:5e:00:00:01 is one of a group, not of one host', on({ macAddress: '01:00:5e:00:00:01' })],
  ['MAC address 02:42:0a:09:00:07 goes with the address 10.9.0.7', on({ macAddress: '02:42:0A:09:00:07' })],
  ['MAC address 02:42:0a:09:00:06 goes with the address 10.9.0.6', on({ macAddress: '02:42:0a:09:00:06', ipv4Address: '10.9.0.5' })],
  ['MAC address 02:42:0a:09:00:01 goes with the address 10.9.0.1', on({ macAddress: '02:42:0a:09:00:01' })],
  ['MAC address 02:43:0a:09:00:05 goes with the address 10.9.0.5', on({ macAddress: '02:43:0a:09:00:05', ipv4Address: '10.9.0.5' })],
  ['"fd00" is not an IPv6 address', on({ ipv6Address: 'fd00' })],
  ['ipv6_address fd00:1::5, and network plain has no IPv6', on({ ipv6Address: 'fd00:1::5' }, 'plain')],
  ['ipv6_address fd00:2::5 is outside fd00:1::/64 of network net', on({ ipv6Address: 'fd00:2::5' })],
  ['ipv6_address fd00:1::1 is the gateway of network net, or reserved there', on({ ipv6Address: 'fd00:1::1' })],
  ['network_mode "bridge" is not known', web({ task: { networkMode: 'bridge' } })],
  ['network_mode host and networks exclude each other', web({ task: { networkMode: 'host', networks: [attachment('net')] } })],
  ['network_mode service:db, and stack shop has no service db', web({ task: { networkMode: 'service:db' } })],
  ['network_mode container:db, and no service has the container_name db', web({ task: { networkMode: 'container:db' } })],
  ['its network_mode is its own network', web({ task: { networkMode: 'service:web' } })],
  [
    'port 80 is published in mode host, which answers only where a task is anyway',
    web({ ports: [port({ mode: PublishMode.HOST, onlyLocal: true })] }),
  ],
  ['the range 9010-9001 for port 80 has no port in it', web({ ports: [port({ published: 0, rangeFrom: 9010, rangeTo: 9001 })] })],
  ['port 80 published as 70000 is out of range', web({ ports: [port({ published: 70_000 })] })],
  ['"eth0" is not an address to publish on', web({ ports: [port({ hostIp: 'eth0' })] })],
  [
    "affinity needs a virtual address, and endpoint_mode dnsrr has none: clients choose among the tasks' addresses themselves",
    web({ affinity: true, endpointMode: EndpointMode.DNSRR }),
  ],
  ['a drain time of -1 ms is out of range', web({ drainMs: -1 })],
];
for (const [expected, spec] of services)
  test(`a service is refused: ${expected}`, (t) => t.is(refusal(spec), `INVALID_ARGUMENT: service web: ${expected}`));

test('a service is taken with fixed addresses of both families, SCTP, a range, affinity and a drain time', (t) => {
  t.is(refusal(on({ ipv4Address: '10.9.0.5', ipv6Address: 'fd00:1::77', macAddress: '02:00:00:00:00:01' })), 'accepted');
  t.is(refusal(on({ ipv4Address: '10.9.0.5', macAddress: '02:42:0A:09:00:05' })), 'accepted', 'its own');
  t.is(refusal(on({ macAddress: '02:42:ac:11:00:02' })), 'accepted', 'of an address that nobody has on that network');
  t.is(
    refusal(
      web({
        affinity: true,
        drainMs: 5_000,
        ports: [port({ protocol: PortProtocol.SCTP }), port({ published: 0, rangeFrom: 9000, rangeTo: 9001 })],
      }),
    ),
    'accepted',
  );
});

test('services may be on the network of another, and not of each other in a circle', (t) => {
  const of = (a: string, b: string) =>
    stackSpec('shop', [serviceSpec('a', { task: { networkMode: a } }), serviceSpec('b', { task: { networkMode: b } })], { networks });
  t.is(refusal(of('', 'service:a')), 'accepted');
  t.is(refusal(of('service:b', 'service:a')), "INVALID_ARGUMENT: the services share each other's network in a circle: a -> b -> a");
  const shared = web({ task: { networkMode: 'service:web' }, ports: [port({})] });
  t.is(refusal(shared), 'INVALID_ARGUMENT: service web: ports cannot be published with network_mode service:web');
});

test('a fixed address that another service has, be it as its virtual address, is refused with its name', (t) => {
  const world = new World();
  const shared = networkSpec('base_net', { subnet: '10.9.0.0/24' });
  const db = serviceSpec('db', { task: { networks: [attachment('base_net', { ipv4Address: '10.9.0.50' })] } });
  world.up(stackSpec('base', [db], { networks: [shared] }));
  const asking = (ipv4Address: string) =>
    stackSpec('shop', [serviceSpec('web', { task: { networks: [attachment('base_net', { ipv4Address })] } })], {
      networks: [networkSpec('base_net', { external: true })],
    });
  t.is(refusal(asking('10.9.0.50'), world), 'CONFLICT: service web: address 10.9.0.50 is taken by service db of stack base');
  t.is(
    refusal(asking('10.9.0.2'), world),
    'CONFLICT: service web: address 10.9.0.2 is taken by service db of stack base, as its virtual address',
  );
  t.is(refusal(asking('10.9.0.51'), world), 'accepted');
  const twice = stackSpec('base', [db, serviceSpec('web', { task: db.task })], { networks: [shared] });
  t.is(refusal(twice, world), 'INVALID_ARGUMENT: ipv4_address 10.9.0.50 on network base_net is given to two services');
});

test('a fixed address that a task of another service has got is refused, unless that one goes with this', (t) => {
  const world = new World();
  const net = { networks: [networkSpec('net', { subnet: '10.9.0.0/24' })] };
  const web = (image: string) => serviceSpec('web', { task: { container: { image }, networks: [attachment('net')] } });
  const db = serviceSpec('db', { task: { networks: [attachment('net', { ipv4Address: '10.9.0.3' })] } });
  world.up(stackSpec('shop', [web('web:1')], net));
  world.run();
  t.is(world.task('web.1').networks[0]?.address, '10.9.0.3');
  const taken = 'CONFLICT: service db: address 10.9.0.3 is taken by web.1 of stack shop';
  t.is(refusal(stackSpec('shop', [web('web:1'), db], net), world), taken);
  t.regex(validateStack(world.tables, stackSpec('shop', [web('web:1'), db], net))?.hint ?? '', /ip_range/);
  t.is(refusal(stackSpec('other', [db], { networks: [networkSpec('net', { external: true })] }), world), taken);
  t.is(refusal(stackSpec('shop', [db], net), world), taken, 'an orphan stays');
  t.is(validateStack(world.tables, stackSpec('shop', [db], net), true), undefined, 'an orphan goes');
  const own = serviceSpec('web', { task: { container: { image: 'web:1' }, networks: db.task.networks } });
  t.is(refusal(stackSpec('shop', [own], net), world), 'accepted', 'its own');
  const replacing = stackSpec('shop', [web('web:2'), db], net);
  t.is(refusal(replacing, world), 'accepted', 'it is replaced with this');
  world.up(replacing);
  t.is(refusal(replacing, world), 'accepted', 'and while that goes on');
  world.run();
  t.is(world.task('db.1').networks[0]?.address, '10.9.0.3');
  t.is(refusal(replacing, world), 'accepted', 'and who has it keeps it');
});

test('a MAC address that another service has on the network is refused with its name', (t) => {
  const world = new World();
  const shared = networkSpec('base_net', { subnet: '10.9.0.0/24' });
  const db = serviceSpec('db', { task: { networks: [attachment('base_net', { macAddress: '02:00:00:00:00:0a' })] } });
  world.up(stackSpec('base', [db], { networks: [shared] }));
  const asking = (macAddress: string) =>
    stackSpec('shop', [serviceSpec('web', { task: { networks: [attachment('base_net', { macAddress })] } })], {
      networks: [networkSpec('base_net', { external: true })],
    });
  t.is(
    refusal(asking('02:00:00:00:00:0A'), world),
    'CONFLICT: service web: address 02:00:00:00:00:0A is taken by service db of stack base',
  );
  t.is(refusal(asking('02:00:00:00:00:0b'), world), 'accepted');
  const twice = stackSpec('base', [db, serviceSpec('web', { task: db.task })], { networks: [shared] });
  t.is(refusal(twice, world), 'INVALID_ARGUMENT: mac_address 02:00:00:00:00:0a on network base_net is given to two services');
});

test('a port that was chosen for a service is not given to a sibling that asks for its number', (t) => {
  const world = new World();
  const api = serviceSpec('api', { ports: [port({ published: 0 })] });
  world.up(stackSpec('shop', [api]));
  const asking = (published: number) => stackSpec('shop', [api, serviceSpec('web', { ports: [port({ published })] })]);
  t.is(refusal(asking(30_000), world), 'CONFLICT: service web: port 30000/tcp is taken by service api, for which it was chosen');
  t.is(refusal(asking(30_001), world), 'accepted');
});

test('a port of a service that the file no longer has is taken, unless that one goes with this', (t) => {
  const world = new World();
  world.up(stackSpec('shop', [serviceSpec('old', { ports: [port({})] })]));
  const renamed = stackSpec('shop', [serviceSpec('new', { ports: [port({})] })]);
  const problem = validateStack(world.tables, renamed);
  t.is(problem?.message, 'service new: port 8080/tcp is taken by service old, which is still running though the file no longer has it');
  t.true(problem?.hint?.includes('--remove-orphans') === true);
  t.is(validateStack(world.tables, renamed, true), undefined);
});

test('a port or an address of a service that is not applied now is taken, be orphans removed or not', (t) => {
  const world = new World();
  const net = { networks: [networkSpec('net', { subnet: '10.9.0.0/24' })] };
  world.up(stackSpec('shop', [serviceSpec('old', { ports: [port({})], task: { networks: [attachment('net')] } })], net));
  world.run();
  const address = world.task('old.1').networks[0]?.address ?? '';
  const publishing = stackSpec('shop', [serviceSpec('new', { ports: [port({})] })]);
  const fixed = stackSpec('shop', [serviceSpec('new', { task: { networks: [attachment('net', { ipv4Address: address })] } })], net);
  for (const removeOrphans of [false, true]) {
    const problem = validateStack(world.tables, publishing, removeOrphans, [], ['new', 'old']);
    t.is(problem?.message, 'service new: port 8080/tcp is taken by service old, which is not applied with it');
    t.is(problem?.hint, 'Apply both, or publish this one on another port');
    t.is(
      validateStack(world.tables, fixed, removeOrphans, [], ['new', 'old'])?.message,
      `service new: address ${address} is taken by old.1 of stack shop`,
    );
  }
  t.is(validateStack(world.tables, fixed, true), undefined, 'an orphan goes');
});

test('a port is taken from the moment on that it was asked for, before any plan', (t) => {
  const world = new World();
  const wish = (stack: string) => stackSpec(stack, [serviceSpec('web', { ports: [port({})] })]);
  world.commit([{ putService: { ...newService, id: 's', stack: 'base', spec: serviceSpec('web', { ports: [port({})] }) } }]);
  t.is(refusal(wish('shop'), world), 'CONFLICT: service web: port 8080/tcp is taken by service web of stack base');
});
