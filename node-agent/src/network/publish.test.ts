import { emptyEndpoint, emptyNetworkAssignment, emptyPort, type PortConfig, PortProtocol, PublishMode } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { type Claim, claimantName, claimName, claimOf, clashingClaim, ingressClaim } from './claims.ts';
import { hostNames } from './names.ts';
import { hostWish, wishedNetwork } from './plan.ts';
import { drawnTargets, portKey, publishRules } from './publish.ts';
import { hostTable, removedTable } from './table.ts';
import type { PublishedPort } from './types.ts';

const port = (changes: Partial<PortConfig> = {}, published: Partial<PublishedPort> = {}): PublishedPort => ({
  taskId: 'task1',
  serviceId: 'service1',
  serviceName: 'shop_web',
  address: '10.32.1.3',
  serving: true,
  ...published,
  port: { ...emptyPort, target: 80, published: 8080, protocol: PortProtocol.TCP, mode: PublishMode.HOST, hostIp: '', ...changes },
});

test('one task is forwarded to plainly, several by a random draw for each connection', (t) => {
  t.deepEqual([...publishRules([port()]).chains], [['host-tcp-8080', ['meta l4proto tcp dnat ip to 10.32.1.3:80']]]);
  const two = publishRules([port({ target: 81 }, { address: '10.32.1.4' }), port()]);
  t.deepEqual(
    [...two.chains.values()],
    [
      [
        'meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.32.1.3 . 80, 1 : 10.32.1.4 . 81 }',
        'meta l4proto tcp dnat ip to 10.32.1.3:80',
      ],
    ],
  );
});

test('a draw that leads nowhere, as in the midst of a change, leads to the first', (t) => {
  t.deepEqual(drawnTargets('draw', 'first', 2), ['draw', 'first']);
  t.deepEqual(drawnTargets('draw', 'first', 1), ['first']);
  t.deepEqual(drawnTargets('draw', undefined, 0), []);
});

test('the order of tasks changes nothing', (t) => {
  const some = Array.from({ length: 6 }, (_, index) => port({ published: 8080 + (index % 2) }, { address: `10.32.1.${index + 3}` }));
  const expected = publishRules(some);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(some, { minLength: 6 }),
      (shuffled) => t.deepEqual(publishRules(shuffled).chains, expected.chains) ?? true,
    ),
  );
});

const keys = (elements: ReadonlyMap<string, string> | undefined) => [...(elements?.keys() ?? [])];

test('a port without a serving task is held and translated nowhere', (t) => {
  const { chains, sets } = publishRules([port({}, { serving: false })]);
  t.deepEqual([...chains], [['host-tcp-8080', []]]);
  t.deepEqual([keys(sets.held), keys(sets.held_at)], [['tcp . 8080'], []]);
});

test('a port at one address of the host is its own', (t) => {
  const { chains, sets } = publishRules([
    port(),
    port({ hostIp: '127.0.0.1' }, { address: '10.32.1.9' }),
    port({ protocol: PortProtocol.UDP, hostIp: '0.0.0.0' }),
  ]);
  t.deepEqual([...chains].toSorted(), [
    ['host-tcp-8080', ['meta l4proto tcp dnat ip to 10.32.1.3:80']],
    ['host-tcp-8080-at-127.0.0.1', ['meta l4proto tcp dnat ip to 10.32.1.9:80']],
    ['host-udp-8080', ['meta l4proto udp dnat ip to 10.32.1.3:80']],
    ['live-host-udp-8080', ['ct reply ip saddr { 10.32.1.3 } return', 'jump move_flow']],
  ]);
  t.deepEqual(keys(sets.held).toSorted(), ['tcp . 8080', 'udp . 8080']);
  t.deepEqual(keys(sets.held_at), ['127.0.0.1 . tcp . 8080']);
  t.is(sets.published?.get('udp . 8080'), 'goto host-udp-8080');
  t.is(sets.published_at?.get('127.0.0.1 . tcp . 8080'), 'goto host-tcp-8080-at-127.0.0.1');
});

test('what cannot be a rule is left out, so that the others are in', (t) => {
  t.is(publishRules([port({ published: 0 }), port({ hostIp: '::1' })]).chains.size, 0);
});

const ingress = (serviceId = 'service1', changes: Partial<PortConfig> = {}): Claim =>
  ingressClaim({
    serviceId,
    serviceName: 'web',
    stack: 'shop',
    affinity: false,
    backends: [],
    port: { ...emptyPort, target: 80, published: 8080, ...changes },
  });

test('an ingress port belongs to one service', (t) => {
  const claim = ingress();
  t.is(clashingClaim([claim], ingress()), undefined);
  t.is(clashingClaim([claim], ingress('other')), claim);
  t.is(clashingClaim([claim], ingress('other', { protocol: PortProtocol.UDP })), undefined);
  t.is(claimantName(claim), 'service shop_web');
});

test('a port in host mode belongs to one task', (t) => {
  const claim = claimOf(port());
  t.is(clashingClaim([claim], claimOf(port())), undefined);
  t.is(clashingClaim([claim], claimOf(port({}, { taskId: 'task2' }))), claim);
  t.is(clashingClaim([claim], ingress()), claim);
  t.is(claimantName(claim), 'task task1 of service shop_web');
});

test('every address meets each address, two different ones do not', (t) => {
  const at = (hostIp: string, serviceId = 'other') => ingress(serviceId, { hostIp });
  t.truthy(clashingClaim([ingress()], at('127.0.0.1')));
  t.truthy(clashingClaim([at('127.0.0.1', 'service1')], at('')));
  t.is(clashingClaim([at('127.0.0.1', 'service1')], at('192.0.2.1')), undefined);
  t.is(claimName(at('127.0.0.1')), '127.0.0.1:8080/tcp');
  t.is(portKey(port({ hostIp: '0.0.0.0', protocol: PortProtocol.UDP })), '8080/udp');
});

const names = hostNames('/run/tso', '/run/tso');
const network = (number: number, internal: boolean, vtep = '') =>
  wishedNetwork(
    {
      ...emptyNetworkAssignment,
      id: `n${number}`,
      name: `net${number}`,
      vni: 4096 + number,
      subnet: `10.32.${number}.0/24`,
      gateway: `10.32.${number}.1`,
      internal,
      endpoints:
        vtep === ''
          ? []
          : [
              {
                ...emptyEndpoint,
                taskId: 't',
                serviceName: 's',
                stack: '',
                slot: 1,
                address: `10.32.${number}.9`,
                mac: '',
                nodeId: 'there',
                vtep,
                names: [],
                serving: true,
              },
            ],
    },
    { names, nodeId: 'here', nodeAddress: '' },
  );
const table = (networks: ReturnType<typeof network>[], ports: readonly PublishedPort[] = []) =>
  hostTable({
    names,
    wish: hostWish(networks, undefined),
    vxlanPorts: [4789],
    ports: publishRules(ports),
    ingress: undefined,
    movesFlows: true,
    tunnelAddresses: [],
  });

test('with nothing to do the table goes', (t) => {
  t.is(table([]), removedTable(names));
});

test('the table replaces the one before in the same transaction', (t) => {
  t.true(table([network(1, false)]).startsWith('table inet tso\ndelete table inet tso\ntable inet tso {\n'));
});

test('what leaves a network for the outside is masqueraded, except of an internal one', (t) => {
  const text = table([network(1, false), network(2, true)]);
  t.true(text.includes(`oifname != { "${names.gatewayPattern}", "${names.ownPattern}" } ip saddr { 10.32.1.0/24 } masquerade`));
  t.true(text.includes(`iifname { "${names.gatewayDevice(4098)}" } drop`));
});

test('VXLAN frames of our networks come only from hosts of the cluster', (t) => {
  t.true(table([network(1, false)]).includes('udp dport { 4789 } @th,96,24 { 4097 } @th,96,24 . ip saddr != @vteps drop'));
  t.true(table([network(1, false, '192.0.2.2')]).includes('elements = { 4097 . 192.0.2.2 }'));
});

test('published ports work without any network, and no empty set is written', (t) => {
  const text = table([], [port()]);
  t.true(text.includes('elements = { tcp . 8080 : goto host-tcp-8080 }'));
  t.notRegex(text, /\{\s*\}/);
  t.notRegex(table([network(1, false)]), /\{\s*\}/);
});
