import { type LogLine, LogStream } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { LineJoiner, logName, logTime } from './log-lines.ts';

const piece = (text: string, partial: boolean, taskId = 'a', stream: LogStream = LogStream.STDOUT): LogLine => ({
  taskId,
  atNsHigh: 1_700_000_000,
  atNsLow: 42,
  stream,
  data: new TextEncoder().encode(text),
  partial,
  serviceName: 'web',
  slot: 1,
  stack: 'visits',
  node: 'host-a',
  ordinal: 1,
});
const text = (data: Uint8Array | undefined): string | undefined => (data === undefined ? undefined : new TextDecoder().decode(data));

test('a time has nanoseconds', (t) => {
  t.is(logTime(1_700_000_000, 42), '2023-11-14T22:13:20.000000042Z');
});

test('partial lines of different streams do not mix', (t) => {
  const joiner = new LineJoiner();
  t.is(joiner.add(piece('out ', true)), undefined);
  t.is(joiner.add(piece('err ', true, 'a', LogStream.STDERR)), undefined);
  t.is(text(joiner.add(piece('end', false))?.data), 'out end');
  const last = joiner.add(piece('end', false, 'a', LogStream.STDERR));
  t.is(text(last?.data), 'err end');
  t.is(last?.stream, 'stderr');
  t.deepEqual(joiner.rest(), []);
});

test('what never ended is given back at the end', (t) => {
  const joiner = new LineJoiner();
  joiner.add(piece('half', true));
  t.deepEqual(
    joiner.rest().map((entry) => text(entry.data)),
    ['half'],
  );
});

test('a line without end is passed on in pieces, so that memory stays bounded', (t) => {
  const joiner = new LineJoiner();
  const big = piece('x'.repeat(1024 * 1024), true);
  t.is(joiner.add(big)?.data.length, 1024 * 1024);
});

test('cutting a line into pieces changes nothing', (t) => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (parts) => {
      const joiner = new LineJoiner();
      const entries = parts.map((part, index) => joiner.add(piece(part, index < parts.length - 1)));
      t.is(text(entries.at(-1)?.data), text(new TextEncoder().encode(parts.join(''))));
    }),
  );
});

test('a task of a global service is named by its id', (t) => {
  t.is(logName({ service: 'web', slot: 3, taskId: 'x' }), 'web.3');
  t.is(logName({ service: 'web', slot: 0, taskId: 'abcdefghijklmnop' }), 'web.abcdefghijkl');
});
