import { LogStream } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { entryAtMs, formatLogLine, LineSplitter, parseLogLine } from './log-format.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

test('a line of conmon is parsed to its nanosecond, stream and text', (t) => {
  const entry = parseLogLine(bytes('2026-11-21T03:00:00.123456789+00:00 stderr F hello world'));
  t.is(entry?.atNanos, 123_456_789);
  t.is(entry && entryAtMs(entry), Date.parse('2026-11-21T03:00:00.123Z'));
  t.is(entry?.stream, LogStream.STDERR);
  t.is(entry && text(entry.data), 'hello world');
  t.false(entry?.partial);
});

test('a zone other than UTC is the same instant', (t) => {
  const entry = parseLogLine(bytes('2026-11-21T05:30:00.5+02:30 stdout P x'));
  t.is(entry && entryAtMs(entry), Date.parse('2026-11-21T03:00:00.500Z'));
  t.true(entry?.partial);
});

test('an empty line of output is an entry without data', (t) => {
  t.is(parseLogLine(bytes('2026-11-21T03:00:00.000000000+00:00 stdout F '))?.data.length, 0);
});

test('what is not such a line is left out', (t) => {
  for (const line of ['', 'garbage', '2026-11-21 stdout F x', '2026-11-21T03:00:00.1+00:00 both F x'])
    t.is(parseLogLine(bytes(line)), undefined);
});

test('however long what is not such a line, it is left out', (t) => {
  t.is(parseLogLine(bytes(`${'x'.repeat(500_000)} stdout F text`)), undefined);
  const splitter = new LineSplitter();
  for (let index = 0; index < 40; index += 1) splitter.push(new Uint8Array(64 * 1024).fill(0x61));
  t.deepEqual(splitter.push(bytes('\ngood\n')).map(text).at(-1), 'good');
});

test('lines come out the same however the bytes are cut', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-zé ]{0,20}$/), { maxLength: 20 }),
      fc.array(fc.nat(30), { maxLength: 40 }),
      (lines, cuts) => {
        const all = bytes(lines.map((line) => `${line}\n`).join(''));
        const splitter = new LineSplitter();
        const out: string[] = [];
        let from = 0;
        for (const cut of [...cuts, all.length]) {
          out.push(...splitter.push(all.subarray(from, from + cut)).map(text));
          from += cut;
        }
        return JSON.stringify(out) === JSON.stringify(lines);
      },
    ),
  );
  t.pass();
});

test('a line that was made is read as what it was made of, whatever it holds', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_102_444_800_000 }),
      fc.constantFrom(LogStream.STDOUT, LogStream.STDERR),
      fc.boolean(),
      fc.uint8Array({ maxLength: 200 }).map((data) => data.filter((byte) => byte !== 0x0a)),
      (atMs, stream, partial, data) => {
        const line = formatLogLine({ atMs, stream, partial, data });
        t.is(line.at(-1), 0x0a);
        const entry = parseLogLine(line.subarray(0, -1));
        t.is(entry && entryAtMs(entry), atMs);
        t.is(entry?.stream, stream);
        t.is(entry?.partial, partial);
        t.deepEqual(Buffer.from(entry?.data ?? []), Buffer.from(data));
      },
    ),
  );
});
