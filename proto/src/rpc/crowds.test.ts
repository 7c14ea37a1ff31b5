import test from 'ava';
import { Crowds, crowdNameOf } from './crowds.ts';

for (const [address, name] of [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
] as const) {
  test(`${address} is counted as ${name}`, (t) => t.is(crowdNameOf(address), name));
}

test('addresses take turns, whoever of one waits longest is first, and none has more handshakes than it may', (t) => {
  const crowds = new Crowds<string>();
  for (const [name, arrival] of ['a 1', 'a 2', 'a 3', 'b 1', 'c 1'].map((it) => [it[0] ?? '', it] as const)) {
    crowds.enter(name, arrival);
    crowds.wait(name, arrival);
  }
  t.deepEqual(
    Array.from({ length: 5 }, () => crowds.next(2)),
    ['a 1', 'b 1', 'c 1', 'a 2', undefined],
  );
  t.is(crowds.largest, crowds.of('a'));
  crowds.leave('a', 'a 1');
  t.is(crowds.next(2), 'a 3');
  t.is(crowds.next(2), undefined);
});

test('who leaves the line has no turn, and nothing is kept of an address that nobody is here from', (t) => {
  const crowds = new Crowds<string>();
  crowds.enter('a', 'a 1');
  crowds.wait('a', 'a 1');
  crowds.leave('a', 'a 1');
  crowds.leave('a', 'a 1');
  t.is(crowds.next(1), undefined);
  t.is(crowds.of('a').size, 0);
  t.is(crowds.largest.size, 0);
  crowds.wait('a', 'a 1');
  t.is(crowds.next(1), undefined, 'it is not here');
});
