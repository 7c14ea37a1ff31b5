import { emptyPort, type IngressPort, type PortConfig, PortProtocol, PublishMode } from '@tso/proto';
import test from 'ava';
import { ingressRenderer } from './ingress-rules.ts';

const backend = (number: number, nodeId: string, address6 = '') => ({
  taskId: `task${number}`,
  nodeId,
  address: `10.40.0.${number}`,
  address6,
});
const both = [backend(3, 'here'), backend(4, 'there')];
const ingress = (port: Partial<PortConfig> = {}, changes: Partial<IngressPort> = {}): IngressPort => ({
  serviceId: 'web1',
  serviceName: 'web',
  stack: 'shop',
  affinity: false,
  backends: both,
  ...changes,
  port: { ...emptyPort, target: 80, published: 8080, mode: PublishMode.INGRESS, ...port },
});
const rulesOf = ingressRenderer();
const here = (...ports: readonly IngressPort[]) => rulesOf(ports, 'here');

test('a connection goes to any serving task with the same chance, local or not', (t) => {
  const { chains, sets } = here(ingress());
  t.deepEqual(chains.get('in-web1-tcp'), [
    'meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.40.0.3, 1 : 10.40.0.4 } : tcp dport map @tcp_targets',
    'meta l4proto tcp dnat ip to 10.40.0.3 : tcp dport map @tcp_targets',
  ]);
  t.deepEqual([...(sets.published ?? [])], [['tcp . 8080', 'goto in-web1-tcp']]);
  t.deepEqual([...(sets.tcp_targets ?? [])], [['8080', '80']]);
});

test('with affinity the client address decides, by a seed that is the same on every node and after each change', (t) => {
  const [rule] = here(ingress({}, { affinity: true })).chains.get('in-web1-tcp') ?? [];
  t.is(
    rule,
    'meta l4proto tcp dnat ip to jhash ip saddr mod 2 seed 0x74736f map { 0 : 10.40.0.3, 1 : 10.40.0.4 } : tcp dport map @tcp_targets',
  );
});

test('a task of this node is asked where it can answer from; the others, and those it does not know of, on the ingress network', (t) => {
  const port = ingress({ protocol: PortProtocol.UDP });
  const rule = (address: string | undefined) =>
    rulesOf([port], 'here', () => (address === undefined ? undefined : { address, address6: '' })).chains.get('in-web1-udp')?.[0] ?? '';
  t.regex(rule('10.32.1.3'), /\{ 0 : 10\.32\.1\.3, 1 : 10\.40\.0\.4 \}/);
  t.regex(rule(undefined), /\{ 0 : 10\.40\.0\.3, 1 : 10\.40\.0\.4 \}/);
  const { chains } = rulesOf([port], 'here', () => ({ address: '10.32.1.3', address6: '' }));
  t.is(chains.get('live-web1-udp')?.[0], 'ct reply ip saddr { 10.32.1.3, 10.40.0.4 } return');
});

test('a port of local tasks only goes to those, and nowhere where there are none', (t) => {
  const port = ingress({ onlyLocal: true });
  t.deepEqual(here(port).chains.get('in-web1-tcp'), ['meta l4proto tcp dnat ip to 10.40.0.3 : tcp dport map @tcp_targets']);
  const none = rulesOf([port], 'elsewhere');
  t.deepEqual(none.chains.get('in-web1-tcp'), []);
  t.deepEqual([...(none.sets.held?.keys() ?? [])], ['tcp . 8080']);
});

test('a port that nobody serves is held and leads nowhere; its first task changes a chain and no set', (t) => {
  const none = here(ingress({}, { backends: [] }));
  t.deepEqual(none.chains.get('in-web1-tcp'), []);
  t.deepEqual([...(none.sets.held?.keys() ?? [])], ['tcp . 8080']);
  t.deepEqual(here(ingress()).sets, none.sets);
});

test('a range of ports of one service is one chain', (t) => {
  const { chains, sets } = here(...Array.from({ length: 100 }, (_, index) => ingress({ published: 9000 + index, target: 7000 + index })));
  t.deepEqual([...chains.keys()], ['in-web1-tcp']);
  t.is(sets.published?.size, 100);
  t.is(sets.tcp_targets?.get('9042'), '7042');
});

test('protocols, and ports that differ in their tasks, have chains of their own', (t) => {
  const { chains, sets } = here(
    ingress(),
    ingress({ protocol: PortProtocol.UDP }),
    ingress({ protocol: PortProtocol.SCTP }),
    ingress({ published: 81, onlyLocal: true }),
    ingress({ published: 82 }, { backends: both.slice(1) }),
    ingress({ published: 83 }, { backends: both.slice(1) }),
  );
  const into = [...chains.keys()].filter((name) => name.startsWith('in-'));
  t.deepEqual(into, ['in-web1-tcp', 'in-web1-udp', 'in-web1-sctp', 'in-web1-tcp-81', 'in-web1-tcp-82']);
  t.is(sets.published?.get('tcp . 83'), 'goto in-web1-tcp-82');
});

test('a port at one address of the host is its own, with its target in the rule', (t) => {
  const { chains, sets } = here(ingress(), ingress({ hostIp: '127.0.0.1', target: 81 }, { serviceId: 'web2' }));
  t.deepEqual([...(sets.published_at ?? [])], [['127.0.0.1 . tcp . 8080', 'goto in-web2-tcp-8080-at-127.0.0.1']]);
  t.true(chains.get('in-web2-tcp-8080-at-127.0.0.1')?.[0]?.endsWith(': 81'));
  t.deepEqual([...(sets.held_at?.keys() ?? [])], ['127.0.0.1 . tcp . 8080']);
  t.is(sets.tcp_targets?.get('8080'), '80');
});

test('IPv6 is answered where the tasks have it', (t) => {
  const { chains, sets } = here(ingress({}, { backends: [backend(3, 'here', 'fd00::3')] }));
  t.deepEqual(chains.get('in-web1-tcp'), [
    'meta l4proto tcp dnat ip to 10.40.0.3 : tcp dport map @tcp_targets',
    'meta l4proto tcp dnat ip6 to fd00::3 : tcp dport map @tcp_targets',
  ]);
  t.is(sets.published?.size, 1);
});

test('what cannot be a rule is left out, so that the others are in', (t) => {
  t.deepEqual([...here(ingress({ published: 0 }), ingress({ hostIp: '::1' }), ingress()).chains.keys()], ['in-web1-tcp']);
  const { chains } = here(ingress({}, { backends: [{ ...backend(3, 'here'), address: 'nonsense' }] }));
  t.deepEqual([...chains.values()], [[]]);
});

test('a port that did not change is not made again', (t) => {
  const [one, two] = [ingress(), ingress({}, { serviceId: 'web2' })];
  const before = here(one, two);
  const after = here(one, ingress({ published: 81 }, { serviceId: 'web2' }));
  t.is(after.chains.get('in-web1-tcp'), before.chains.get('in-web1-tcp'));
});

test('flows of a UDP port are moved unless they lead to one of its tasks', (t) => {
  const { chains, sets } = here(
    ingress({ protocol: PortProtocol.UDP }),
    ingress({ protocol: PortProtocol.UDP, published: 81, onlyLocal: true }),
  );
  t.deepEqual(chains.get('live-web1-udp'), ['ct reply ip saddr { 10.40.0.3, 10.40.0.4 } return', 'jump move_flow']);
  t.deepEqual(chains.get('live-web1-udp-81'), ['ct reply ip saddr { 10.40.0.3 } return', 'jump move_flow']);
  t.deepEqual(
    [...(sets.udp_lanes ?? [])],
    [
      ['8080', 'goto live-web1-udp'],
      ['81', 'goto live-web1-udp-81'],
    ],
  );
  t.deepEqual(here(ingress({ protocol: PortProtocol.UDP }, { backends: [] })).chains.get('live-web1-udp'), ['jump move_flow']);
});
