import test from 'ava';
import fc from 'fast-check';
import { durationMs, formatDuration, parseBoolean, parseBytes, parseDuration, parseNumber } from './units.ts';

test('sizes take units of 1024 in any case', (t) => {
  t.is(parseBytes('512'), 512);
  t.is(parseBytes('64k'), 65_536);
  t.is(parseBytes('64KB'), 65_536);
  t.is(parseBytes('1.5g'), 1_610_612_736);
  t.is(parseBytes('1GiB'), 1_073_741_824);
  t.is(parseBytes('-1'), -1);
});

test('what is no size is refused', (t) => {
  for (const text of ['', 'k', '1x', '12 34', '1kk', 'NaN', '99999999999p']) t.is(parseBytes(text), undefined, text);
});

test('durations add up their parts', (t) => {
  t.is(durationMs(parseDuration('1h5m30s20ms') ?? 0), 3_930_020);
  t.is(durationMs(parseDuration('1.5h') ?? 0), 5_400_000);
  t.is(parseDuration('0'), 0);
  t.is(parseDuration('2d'), 172_800_000_000_000);
});

test('a duration without a unit is refused', (t) => {
  for (const text of ['10', 's', '1s2', 'one minute', '']) t.is(parseDuration(text), undefined, text);
});

test('durations are written as Go writes them', (t) => {
  t.is(formatDuration(90e9), '1m30s');
  t.is(formatDuration(3600e9), '1h0m0s');
  t.is(formatDuration(250e6), '250ms');
  t.is(formatDuration(1_500_000_000), '1.5s');
  t.is(formatDuration(0), '0s');
});

test('property: a duration that was written reads back as the same', (t) => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e9 }), (ms) => parseDuration(formatDuration(ms * 1e6)) === ms * 1e6));
  t.pass();
});

test('property: bytes that were written as a plain number read back as the same', (t) => {
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseBytes(String(bytes)) === bytes && parseBytes(`${bytes}b`) === bytes));
  t.pass();
});

test('booleans of YAML 1.1 and numbers are read, other text is not', (t) => {
  t.deepEqual(['true', 'Yes', 'on', 'FALSE', 'no', 'off', 'maybe'].map(parseBoolean), [true, true, true, false, false, false, undefined]);
  t.deepEqual(['1', '0.5', '1e3', '.5', '', 'x', '1x'].map(parseNumber), [1, 0.5, 1000, 0.5, undefined, undefined, undefined]);
});
