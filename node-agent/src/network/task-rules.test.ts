import test from 'ava';
import type { Attachment } from './task-interfaces.ts';
import { guardProbe, taskRules, taskTables } from './task-rules.ts';
import { attachmentOn } from './testing/attachment.ts';

test('questions to 127.0.0.11 go to the first gateway that answers names, by UDP and TCP', (t) => {
  const asked = (attachments: readonly Attachment[]): string | undefined =>
    /ip daddr 127\.0\.0\.11 meta l4proto \{ tcp, udp \} th dport 53 dnat to (\S+)/.exec(taskRules(attachments, false))?.[1];
  t.is(asked([attachmentOn(0), attachmentOn(1)]), '10.32.0.1');
  t.is(asked([attachmentOn(0, { resolves: false }), attachmentOn(1, { ingress: true }), attachmentOn(2)]), '10.32.2.1');
  t.is(asked([attachmentOn(0, { ingress: true })]), '10.32.0.1');
  t.is(asked([attachmentOn(0, { resolves: false })]), undefined);
});

test('without interfaces there are no rules, without the guard no table of frames', (t) => {
  t.is(taskRules([], true), '');
  t.deepEqual(taskTables([], true), []);
  t.false(taskRules([attachmentOn(0)], false).includes('netdev'));
  t.deepEqual(taskTables([attachmentOn(0)], true), ['ip tso', 'netdev tso']);
});

test('with the guard each interface sends only in its own name', (t) => {
  const rules = taskRules([attachmentOn(0), attachmentOn(1)], true);
  for (const index of [0, 1]) {
    t.true(rules.includes(`hook egress device "eth${index}" priority 0; policy drop;`));
    t.true(rules.includes(`ether saddr 02:42:0a:20:0${index}:03 ip saddr 10.32.${index}.3 accept`));
    t.true(rules.includes(`arp saddr ip { 10.32.${index}.3, 0.0.0.0 } accept`));
  }
  t.false(rules.includes('ip6'));
  t.true(guardProbe.includes('hook egress'));
});

test('the network that carries published ports leads to hosts alone, and from hosts alone', (t) => {
  const rules = taskRules([attachmentOn(0), attachmentOn(1, { ingress: true, address6: 'fd00::3', prefixLength6: 64 })], true);
  t.true(rules.includes('@ll,0,16 0x0243 meta protocol ip ether type ip ether saddr 02:42:0a:20:01:03 ip saddr 10.32.1.3 accept'));
  t.false(rules.includes('    meta protocol ip ether type ip ether saddr 02:42:0a:20:01:03 ip saddr 10.32.1.3 accept'));
  t.true(rules.includes('@ll,0,16 0x0243 meta protocol ip6 ether type ip6 ether saddr 02:42:0a:20:01:03 ip6 saddr fd00::3 accept'));
  t.true(rules.includes('ip6 saddr fd00::3 icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept'));
  t.is(rules.split('    iifname "eth1" @ll,48,16 != 0x0243 drop').length, 3, 'of both families');
  t.false(taskRules([attachmentOn(0)], true).includes('0x0243'));
  t.false(taskRules([attachmentOn(0)], true).includes('carried'));
});

test('a frame passes only when it is what its sender told the kernel that it is', (t) => {
  const rules = taskRules([attachmentOn(0, { address6: 'fd00::3', prefixLength6: 64 }), attachmentOn(1, { ingress: true })], true);
  const accepting = rules
    .slice(rules.indexOf('table netdev'))
    .split('\n')
    .filter((line) => line.endsWith(' accept'));
  t.is(accepting.length, 5);
  for (const line of accepting) t.regex(line, /meta protocol (ip|ip6|arp) ether type \1 /);
});

test('nobody on a network reaches the loopback of a task, or speaks in its name', (t) => {
  const rules = taskRules([attachmentOn(0, { address6: 'fd00::3', prefixLength6: 64 })], true);
  t.regex(
    rules,
    /table ip tso \{[^}]*(?:\}[^}]*)*chain early \{\n {4}type filter hook prerouting priority -300; policy accept;\n {4}iifname != "lo" ip daddr 127\.0\.0\.0\/8 drop\n {4}iifname != "lo" ip saddr 127\.0\.0\.0\/8 drop\n {2}\}/,
  );
  t.is(rules.split('chain early').length, 2, 'the kernel sees to ::1');
});

test('neighbour advertisements are of its own address and MAC only', (t) => {
  const rules = taskRules([attachmentOn(0, { address6: 'fd00::3', prefixLength6: 64, gateway6: 'fd00::1' })], true);
  t.true(rules.includes('icmpv6 type nd-neighbor-advert @th,64,128 != 0xfd000000000000000000000000000003 drop'));
  t.true(rules.includes('@th,192,16 0x0201 @th,208,48 != 0x02420a200003 drop'));
  t.true(rules.includes('icmpv6 type { nd-router-advert, nd-redirect } drop'));
  t.true(rules.includes('table ip6 tso {'));
});

test('virtual addresses are in the maps from the beginning', (t) => {
  const balances = new Map([
    ['s_34w_web', { vip: '10.32.0.9', vip6: '', targets: ['10.32.0.4', '10.32.0.5'], targets6: [] }],
    ['s_34w_idle', { vip: '10.32.0.8', vip6: '', targets: [], targets6: [] }],
  ]);
  const rules = taskRules([attachmentOn(0)], false, balances);
  t.true(rules.includes('elements = { 10.32.0.9 : goto s_34w_web, 10.32.0.8 : goto s_34w_idle };'));
  t.true(rules.includes('elements = { 10.32.0.9, 10.32.0.8 };'));
  t.true(rules.includes('dnat to numgen random mod 2 map { 0 : 10.32.0.4, 1 : 10.32.0.5 }'));
  t.regex(rules, /chain s_34w_idle \{\n {2}\}/);
});

test('a link-local address is one more that a task may speak from, even with no other of its family', (t) => {
  const rules = taskRules([attachmentOn(0, { linkLocals: ['169.254.8.8', 'fe80::8'], device: 'ip' })], true);
  t.regex(rules, /ip saddr \{ 10\.32\.0\.3, 169\.254\.8\.8 \} accept/);
  t.regex(rules, /arp saddr ip \{ 10\.32\.0\.3, 169\.254\.8\.8, 0\.0\.0\.0 \} accept/);
  t.regex(rules, /ip6 saddr != fe80::8 drop/);
  t.regex(rules, /chain if_ip \{\n +type filter hook egress device "ip"/);
});
