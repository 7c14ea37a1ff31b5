import test from 'ava';
import { type Attachment, defaultAttachment, taskAddressLines, taskLinkLines } from './overlay.ts';
import { guardProbe, taskRules } from './task-rules.ts';

const attachment = (index: number, changes: Partial<Attachment> = {}): Attachment => ({
  networkId: `n${index}`,
  networkName: `net${index}`,
  vni: 4096 + index,
  device: `eth${index}`,
  address: `10.32.${index}.3`,
  prefixLength: 24,
  mac: `02:42:0a:20:0${index}:03`,
  gateway: `10.32.${index}.1`,
  internal: false,
  ...changes,
});

test('each interface is made straight inside the namespace of the task', (t) => {
  t.deepEqual(
    taskLinkLines([attachment(0), attachment(1)], (vni) => `vx${vni}`, '/run/tso/netns/a'),
    [
      'link add link vx4096 name eth0 address 02:42:0a:20:00:03 netns "/run/tso/netns/a" type macvlan mode bridge',
      'link add link vx4097 name eth1 address 02:42:0a:20:01:03 netns "/run/tso/netns/a" type macvlan mode bridge',
    ],
  );
});

test('the first network that is not internal has the default route', (t) => {
  t.is(defaultAttachment([attachment(0, { internal: true }), attachment(1), attachment(2)])?.device, 'eth1');
  t.deepEqual(taskAddressLines([attachment(0)]), [
    'link set dev lo up',
    'address add 10.32.0.3/24 brd + dev eth0',
    'link set dev eth0 up',
    'route add default via 10.32.0.1 dev eth0',
  ]);
});

test('on internal networks alone there is no default route', (t) => {
  t.false(taskAddressLines([attachment(0, { internal: true })]).some((line) => line.includes('default')));
});

test('without networks only the loopback is up', (t) => {
  t.deepEqual(taskAddressLines([]), ['link set dev lo up']);
});

test('answers leave by the network that was asked', (t) => {
  t.deepEqual(taskAddressLines([attachment(0), attachment(1, { internal: true }), attachment(2)]).slice(-3), [
    'rule add pref 100 lookup main suppress_prefixlength 0',
    'rule add pref 101 from 10.32.2.3 lookup 100',
    'route add default via 10.32.2.1 dev eth2 table 100',
  ]);
});

test('questions to 127.0.0.11 go to the gateway of the first network, by UDP and TCP', (t) => {
  const rules = taskRules([attachment(0), attachment(1)], false);
  t.true(rules.includes('ip daddr 127.0.0.11 meta l4proto { tcp, udp } th dport 53 dnat to 10.32.0.1'));
  t.false(rules.includes('netdev'));
  t.is(taskRules([], true), '');
});

test('with the guard each interface sends only in its own name', (t) => {
  const rules = taskRules([attachment(0), attachment(1)], true);
  for (const index of [0, 1]) {
    t.true(rules.includes(`hook egress device "eth${index}" priority 0; policy drop;`));
    t.true(rules.includes(`ether saddr 02:42:0a:20:0${index}:03 ip saddr 10.32.${index}.3 accept`));
    t.true(rules.includes(`arp saddr ip { 10.32.${index}.3, 0.0.0.0 } accept`));
  }
  t.true(guardProbe.includes('hook egress'));
});
