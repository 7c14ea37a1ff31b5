import test from 'ava';
import type { ClusterFacts } from './cluster-facts.ts';
import { examineNetwork } from './examine-network.ts';
import type { HostFacts } from './facts.ts';
import { type NetworkFacts, ruleKinds } from './network-facts.ts';

const well: NetworkFacts = {
  rules: Object.fromEntries(Object.keys(ruleKinds).map((kind) => [kind, true])),
  wireguard: true,
  ipv6Disabled: '0',
  conntrack: true,
  sctpConntrack: true,
  forwardDrops: [],
  devices: [{ name: 'eth0', mtu: 1500, addresses: ['192.0.2.2'] }],
  routes: [
    { destination: 'default', device: 'eth0', protocol: 'boot' },
    { destination: '192.0.2.0/24', device: 'eth0', protocol: 'kernel' },
  ],
};
const cluster = (changes: Partial<ClusterFacts> = {}): ClusterFacts => ({
  state: 'active',
  error: '',
  manager: true,
  address: '192.0.2.2',
  localAddresses: [],
  troubles: [],
  addressPool: '10.128.0.0/12',
  certificate: undefined,
  managers: [],
  ...changes,
});
const found = (network: Partial<NetworkFacts>, of?: ClusterFacts) =>
  examineNetwork({ network: { ...well, ...network }, cluster: of } as HostFacts).filter(({ level }) => level !== 'ok');
const short = (network: Partial<NetworkFacts>, of?: ClusterFacts) => found(network, of).map(({ check, level }) => `${level} ${check}`);

test('a good host has nothing to repair, with and without a daemon', (t) => {
  t.deepEqual(found({}), []);
  t.deepEqual(found({}, cluster()), []);
});

test('a rule that no network does without fails, one that some do without warns; each says what is lost', (t) => {
  t.deepEqual(short({ rules: { ...well.rules, numgen: false, egress: false } }), ['fail rules numgen', 'warn rules egress']);
  t.deepEqual(short({ rules: { ...well.rules, fib: undefined } }), ['warn rules fib']);
  for (const finding of found({ rules: Object.fromEntries(Object.keys(ruleKinds).map((kind) => [kind, false])) })) {
    t.regex(finding.message, /^not taken: .{10}/);
    t.not(finding.fix, '');
  }
});

test('WireGuard, IPv6 and SCTP are missed only by who wants them', (t) => {
  t.deepEqual(short({ wireguard: false, ipv6Disabled: undefined, sctpConntrack: false }), [
    'warn network wireguard',
    'warn ipv6',
    'warn sctp',
  ]);
  t.deepEqual(short({ ipv6Disabled: '1' }), ['warn ipv6']);
  t.deepEqual(short({ conntrack: false, sctpConntrack: false }), []);
});

test('a firewall that drops what passes is named while no daemon runs, which looks closer', (t) => {
  const [finding] = found({ forwardDrops: ['ip filter/FORWARD'] });
  t.regex(finding?.message ?? '', /^ip filter\/FORWARD drops what passes through this host/);
  t.deepEqual(found({ forwardDrops: ['ip filter/FORWARD'] }, cluster()), []);
});

test('what the daemon says of this host is told', (t) => {
  const trouble = 'service shop_web is not answered on this node: port 8080/tcp is taken on this host by nginx (pid 812)';
  t.deepEqual(
    found({}, cluster({ troubles: [trouble] })).map(({ message }) => message),
    [trouble],
  );
});

test('a small MTU below the networks is told with what they have', (t) => {
  const [finding] = found({ devices: [{ name: 'eth0', mtu: 1450, addresses: ['192.0.2.2'] }] }, cluster());
  t.regex(finding?.message ?? '', /^eth0 has 1450, so that networks have 1400:/);
  t.deepEqual(found({ devices: [{ name: 'eth0', mtu: 9000, addresses: ['192.0.2.2'] }] }, cluster()), []);
});

test('routes that meet the address pool are named, our own and the default are not', (t) => {
  const routes = [
    ...well.routes,
    { destination: '10.128.0.0/12', device: '', protocol: '116' },
    { destination: '10.128.3.0/24', device: 'tsog0000001', protocol: 'kernel' },
    { destination: '10.130.0.0/16', device: 'tun0', protocol: 'static' },
    { destination: '10.128.0.9', device: 'eth1', protocol: '' },
  ];
  const [finding, ...others] = found({ routes }, cluster());
  t.deepEqual(others, []);
  t.is(finding?.message, '10.128.0.0/12 meets routes of this host: 10.130.0.0/16 by tun0, 10.128.0.9/32 by eth1');
  t.deepEqual(short({ routes }, cluster({ addressPool: '10.32.0.0/12' })), []);
  t.regex(found({ routes })[0]?.fix ?? '', /--address-pool/);
});
