import test from 'ava';
import { type MtuWish, networkMtu } from './mtu.ts';

const wish = (changes: Partial<MtuWish> = {}): MtuWish => ({
  network: 'net',
  driver: 'overlay',
  encrypted: false,
  ipv6: false,
  text: undefined,
  ...changes,
});

test('an overlay has fifty bytes less than what it runs over, an encrypted one eighty less again', (t) => {
  t.is(networkMtu(wish(), 9000).mtu, 8950);
  t.is(networkMtu(wish(), 1500).mtu, 1450);
  t.is(networkMtu(wish({ encrypted: true }), 1500).mtu, 1370);
});

test('where nothing is wrapped nothing is taken off, and a parent keeps its own', (t) => {
  t.is(networkMtu(wish({ driver: 'bridge' }), 1500).mtu, 1500);
  t.is(networkMtu(wish({ driver: 'macvlan' }), 1500).mtu, 0);
  t.is(networkMtu(wish({ driver: 'macvlan', text: '1400' }), 1500).mtu, 1400);
});

test('what the user wrote counts as far as it fits, and it is said where it does not', (t) => {
  t.deepEqual(networkMtu(wish({ text: '1400' }), 1500), { mtu: 1400, remark: '' });
  t.deepEqual(networkMtu(wish({ text: '1450' }), 1400), {
    mtu: 1350,
    remark: "network net has an MTU of 1350 here instead of 1450, since this host's own is 1400",
  });
  for (const text of ['', 'x', '67', '65536', '-1', '1e3', '1400 ']) {
    t.throws(() => networkMtu(wish({ text }), 1500), { message: /mtu ".*" of network net is not a number from 68 to 65535/ }, text);
  }
});

test('IPv6 needs 1280 bytes, and who is to give them is told', (t) => {
  t.is(networkMtu(wish({ ipv6: true }), 1330).mtu, 1280);
  const low = t.throws(() => networkMtu(wish({ ipv6: true }), 1329), {
    message: 'network net has an MTU of 1279 here, and IPv6 needs 1280',
  });
  t.true(String((low as { hint?: string } | undefined)?.hint).startsWith('Raise the MTU between the hosts (1329'));
  const wished = t.throws(() => networkMtu(wish({ ipv6: true, text: '1200' }), 1500));
  t.true(String((wished as { hint?: string } | undefined)?.hint).startsWith('Give it an mtu of at least 1280'));
});
