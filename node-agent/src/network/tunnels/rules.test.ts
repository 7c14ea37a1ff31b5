import test from 'ava';
import { tunnelChains } from './rules.ts';

const guard = { tag: 'abcdef', vnis: [7, 9], vxlanPorts: [4789], addresses: ['10.47.240.1', '10.47.240.2'] };
const rulesOf = (text: string, chain: string): readonly string[] =>
  (new RegExp(`chain ${chain} \\{\\n([^}]*(?:\\{[^}]*\\}[^}]*)*?)\\n  \\}`).exec(text)?.[1] ?? '').split('\n').map((line) => line.trim());
const frames = 'udp dport { 4789 } @th,96,24 { 7, 9 }';

test('without anything encrypted there is nothing to keep', (t) => {
  t.is(tunnelChains({ ...guard, vnis: [], addresses: [] }), '');
});

test('frames of encrypted networks, and all to or from an address inside tunnels, leave by a tunnel or not at all', (t) => {
  t.deepEqual(rulesOf(tunnelChains(guard), 'tunnels_out'), [
    'type filter hook postrouting priority 300; policy accept;',
    'oifname "lo" accept',
    `oifname != "tsowabcdef*" ${frames} drop`,
    'oifname != "tsowabcdef*" ip daddr { 10.47.240.1, 10.47.240.2 } drop',
    'oifname != "tsowabcdef*" ip saddr { 10.47.240.1, 10.47.240.2 } drop',
  ]);
});

test('such frames are taken from a tunnel only, and a tunnel brings nothing else', (t) => {
  t.deepEqual(rulesOf(tunnelChains(guard), 'tunnels_in'), [
    'type filter hook input priority -10; policy accept;',
    `iifname "tsowabcdef*" ${frames} accept`,
    'iifname "tsowabcdef*" drop',
    `${frames} drop`,
    'iifname != "lo" ip daddr { 10.47.240.1, 10.47.240.2 } drop',
  ]);
});

test('nothing is passed on from or to a tunnel', (t) => {
  t.deepEqual(rulesOf(tunnelChains(guard), 'tunnels_through'), [
    'type filter hook forward priority -10; policy accept;',
    'iifname "tsowabcdef*" drop',
    'oifname "tsowabcdef*" drop',
    'ip daddr { 10.47.240.1, 10.47.240.2 } drop',
  ]);
});

test('the frames of an encrypted network stay here also before this node has an address inside tunnels', (t) => {
  const text = tunnelChains({ ...guard, addresses: [] });
  t.deepEqual(rulesOf(text, 'tunnels_out').slice(2), [`oifname != "tsowabcdef*" ${frames} drop`]);
  t.true(rulesOf(text, 'tunnels_in').includes(`${frames} drop`));
});

test('before there is a VXLAN device a tunnel brings nothing at all', (t) => {
  const text = tunnelChains({ ...guard, vxlanPorts: [] });
  t.false(text.includes('udp dport'));
  t.is(rulesOf(text, 'tunnels_in')[1], 'iifname "tsowabcdef*" drop');
});
