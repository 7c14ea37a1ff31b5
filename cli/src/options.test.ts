import test from 'ava';
import fc from 'fast-check';
import { environmentEntry, parseDuration, parseInstant, parseLabel, parseScale, parseTail, parseTimeout } from './options.ts';

const now = Date.UTC(2026, 0, 31, 12);

test('durations add up their parts', (t) => {
  t.is(parseDuration('10m'), 600_000);
  t.is(parseDuration('1h30m'), 5_400_000);
  t.is(parseDuration('1.5s'), 1_500);
  t.is(parseDuration('2d'), 172_800_000);
  for (const text of ['', '10', 'm', '10x', '-1s', '1h 2m']) t.is(parseDuration(text), undefined, text);
});

test('an instant is a duration ago, unix seconds or RFC 3339', (t) => {
  t.is(parseInstant('10m', now), now - 600_000);
  t.is(parseInstant('1769860800', now), 1_769_860_800_000);
  t.is(parseInstant('1769860800.25', now), 1_769_860_800_250);
  t.is(parseInstant('2026-01-31T11:00:00Z', now), now - 3_600_000);
  t.is(parseInstant('2026-01-31T13:00:00.5+02:00', now), now - 3_600_000 + 500);
  t.is(parseInstant('2026-01-31', now), new Date(2026, 0, 31).getTime());
  for (const text of ['yesterday', '', '2026-13-01', '2026-01-31T25:00:00Z', '31.1.2026'])
    t.throws(() => parseInstant(text, now), undefined, text);
});

test('any instant survives being written and read', (t) => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date(Date.UTC(2100, 0, 1)), noInvalidDate: true }), (date) => {
      t.is(parseInstant(date.toISOString(), now), date.getTime());
    }),
  );
});

test('a scale is a service and a number', (t) => {
  t.deepEqual(parseScale('web=5'), { service: 'web', replicas: 5 });
  t.deepEqual(parseScale('a.b_c-d=0'), { service: 'a.b_c-d', replicas: 0 });
  for (const text of ['web', 'web=', '=5', 'web=-1', 'web=1.5', 'web=1=2', 'web=99999999'])
    t.throws(() => parseScale(text), undefined, text);
});

test('numbers of lines and timeouts', (t) => {
  t.is(parseTail('all'), -1);
  t.is(parseTail('20'), 20);
  t.throws(() => parseTail('-1'));
  t.is(parseTimeout('90'), 90_000);
  t.is(parseTimeout('2m'), 120_000);
  t.throws(() => parseTimeout('soon'));
});

test('a bare environment name takes our value, and nothing when we have none', (t) => {
  t.deepEqual(environmentEntry('A=1=2', {}), ['A=1=2']);
  t.deepEqual(environmentEntry('HOME', { HOME: '/root' }), ['HOME=/root']);
  t.deepEqual(environmentEntry('NONE', {}), []);
});

test('a label has a name, and a value or none', (t) => {
  t.deepEqual(['team=x', 'bare', 'a=b=c', 'note=two\nlines'].map(parseLabel), [
    ['team', 'x'],
    ['bare', ''],
    ['a', 'b=c'],
    ['note', 'two\nlines'],
  ]);
  for (const text of ['', '=', '=x']) t.throws(() => parseLabel(text), { message: 'Write NAME=VALUE, such as disk=ssd.' }, text);
});
