import test from 'ava';
import {
  type Attachment,
  defaultAttachment,
  interfaceWish,
  taskAddressLines,
  taskLinkLines,
  taskNameLines,
  taskRuleLines6,
  taskSysctls,
} from './task-interfaces.ts';
import { attachmentOn } from './testing/attachment.ts';

const six = (index: number): Partial<Attachment> => ({ address6: `fd00:${index}::3`, prefixLength6: 64, gateway6: `fd00:${index}::1` });

test('each interface is made straight inside the namespace of the task, on the device of its network', (t) => {
  t.deepEqual(taskLinkLines([attachmentOn(0), attachmentOn(1, { lower: 'enp3s0' })], '/run/tso/netns/a', false), [
    'link add link vx0 name tso-eth0 address 02:42:0a:20:00:03 netns "/run/tso/netns/a" type macvlan mode bridge',
    'link add link enp3s0 name tso-eth1 address 02:42:0a:20:01:03 netns "/run/tso/netns/a" type macvlan mode bridge',
  ]);
  t.deepEqual(taskLinkLines([attachmentOn(0)], '/run/tso/netns/a', true), [
    'link add link vx0 name eth0 address 02:42:0a:20:00:03 netns "/run/tso/netns/a" type macvlan mode bridge',
  ]);
});

test('where the host may have an interface of that name it is named inside', (t) => {
  t.deepEqual(taskNameLines([attachmentOn(0), attachmentOn(1)]), ['link set dev tso-eth0 name eth0', 'link set dev tso-eth1 name eth1']);
});

test('the first network that leads out has the default route', (t) => {
  t.is(defaultAttachment([attachmentOn(0, { internal: true }), attachmentOn(1, { ingress: true }), attachmentOn(2)])?.device, 'eth2');
  t.deepEqual(taskAddressLines([attachmentOn(0)]), [
    'link set dev lo up',
    'link set dev eth0 addrgenmode none',
    'address replace 10.32.0.3/24 brd + dev eth0',
    'link set dev eth0 up',
    'route replace default via 10.32.0.1 dev eth0',
    'route replace default dev lo table 90',
    'rule add pref 90 fwmark 0x7450 lookup 90',
  ]);
});

test('on internal networks alone there is no default route', (t) => {
  t.is(defaultAttachment([attachmentOn(0, { internal: true }), attachmentOn(1, { gateway: '' })]), undefined);
  t.false(taskAddressLines([attachmentOn(0, { internal: true })]).some((line) => line.includes('default via')));
});

test('without networks only the loopback is up', (t) => {
  t.deepEqual(taskAddressLines([]), ['link set dev lo up']);
});

test('answers leave by the network that was asked, which ingress is as well', (t) => {
  const lines = taskAddressLines([attachmentOn(0), attachmentOn(1, { internal: true }), attachmentOn(2, { ingress: true })]);
  t.deepEqual(
    lines.filter((line) => / 10[0-9]\b/.test(line)),
    [
      'route replace default via 10.32.2.1 dev eth2 table 100',
      'rule add pref 100 lookup main suppress_prefixlength 0',
      'rule add pref 101 from 10.32.2.3 lookup 100',
    ],
  );
});

test('IPv6 addresses are usable at once, with routes and rules of their own', (t) => {
  const attachments = [attachmentOn(0, six(0)), attachmentOn(1), attachmentOn(2, six(2))];
  const lines = taskAddressLines(attachments);
  t.true(lines.includes('address replace fd00:0::3/64 dev eth0 nodad'));
  t.true(lines.includes('route replace default via fd00:0::1 dev eth0'));
  t.true(lines.includes('route replace default via fd00:2::1 dev eth2 table 100'));
  t.deepEqual(taskRuleLines6(attachments), [
    'rule add from ::/0 pref 90 fwmark 0x7450 lookup 90',
    'rule add from ::/0 pref 100 lookup main suppress_prefixlength 0',
    'rule add pref 101 from fd00:2::3 lookup 100',
  ]);
  t.deepEqual(taskRuleLines6([attachmentOn(0)]), []);
});

test('IPv6 is on where a network has it, and nobody announces routes there', (t) => {
  const settingOf = (attachments: readonly Attachment[], path: string): string | undefined =>
    new Map(taskSysctls(attachments)).get(`net/ipv6/conf/default/${path}`);
  t.is(settingOf([attachmentOn(0)], 'disable_ipv6'), '1');
  t.is(settingOf([attachmentOn(0), attachmentOn(1, six(1))], 'disable_ipv6'), '0');
  t.is(settingOf([attachmentOn(1, six(1))], 'accept_ra'), '0');
});

test('what a namespace is to have is told by keys that differ', (t) => {
  const wish = interfaceWish([attachmentOn(0, six(0)), attachmentOn(1, six(1))]);
  for (const items of [wish.addresses, wish.rules, wish.rules6]) t.is(new Set(items.map(({ key }) => key)).size, items.length);
  t.deepEqual(interfaceWish([]), { addresses: [], routes: [], rules: [], rules6: [] });
});

test('link-local addresses are there beside the own ones, and IPv6 with them', (t) => {
  const wish = interfaceWish([attachmentOn(0, { linkLocals: ['169.254.8.8', 'fe80::8'] })]);
  t.deepEqual(
    wish.addresses.map(({ key }) => key),
    ['eth0 10.32.0.3/24', 'eth0 169.254.8.8/16', 'eth0 fe80::8/64'],
  );
  t.true(
    taskSysctls([attachmentOn(0, { linkLocals: ['fe80::8'] })]).some(
      ([path, value]) => path.endsWith('default/disable_ipv6') && value === '0',
    ),
  );
});
