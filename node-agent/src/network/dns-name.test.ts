import test from 'ava';
import fc from 'fast-check';
import { addressOfReverseKey, labelCount, nameKey, reverseKey, splitLastLabel, wireName } from './dns-name.ts';

test('a name is its labels behind their lengths, and the same key in whatever case, with or without the dot at its end', (t) => {
  t.is(wireName('Web.Shop'), '\x03Web\x04Shop');
  t.is(nameKey('Web.Shop'), '\x03web\x04shop');
  t.is(nameKey('web.SHOP.'), nameKey('web.shop'));
  t.not(nameKey('web.shop'), nameKey('web-shop'));
});

test('what no message can carry is no name', (t) => {
  for (const name of ['', '.', 'a..b', '.a', 'a'.repeat(64), `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(62)}`])
    t.is(nameKey(name), undefined, name);
  const longest = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;
  t.is(nameKey(longest)?.length, 254);
});

test('letters beyond ASCII are carried as their UTF-8 bytes', (t) => {
  t.is(wireName('bücher'), '\x07b\xc3\xbccher');
});

test('labels are counted, and the last one is taken off', (t) => {
  t.deepEqual(
    ['web', 'web.shop', 'a.b.c'].map((name) => labelCount(nameKey(name) ?? '')),
    [1, 2, 3],
  );
  t.is(labelCount(''), 0);
  t.deepEqual(splitLastLabel('\x01a\x02bc\x01d'), { name: '\x01a\x02bc', last: '\x01d' });
  t.is(splitLastLabel('\x01a'), undefined);
  t.is(splitLastLabel(''), undefined);
});

test('the reverse name of an address leads back to it', (t) => {
  t.is(reverseKey('10.32.1.3'), nameKey('3.1.32.10.in-addr.arpa'));
  t.is(reverseKey('fd00::1:2'), nameKey('2.0.0.0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa'));
  t.is(reverseKey('web'), undefined);
  fc.assert(
    fc.property(fc.ipV6(), fc.ipV4(), (six, four) => {
      const [v6, v4] = [addressOfReverseKey(reverseKey(six) ?? ''), addressOfReverseKey(reverseKey(four) ?? '')];
      return v6?.family === 6 && v4?.family === 4 && v4.address === four.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
    }),
  );
});

test('other names below arpa are no addresses', (t) => {
  for (const name of ['999.1.32.10.in-addr.arpa', '1.32.10.in-addr.arpa', 'x.1.32.10.in-addr.arpa', 'in-addr.arpa', '1.ip6.arpa', 'web'])
    t.is(addressOfReverseKey(nameKey(name) ?? ''), undefined, name);
});
