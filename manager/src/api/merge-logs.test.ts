import { LogStream, type LogsReply } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { mergeByTime } from './merge-logs.ts';

const line = (taskId: string, atNsHigh: number, atNsLow = 0): LogsReply => ({
  line: {
    taskId,
    atNsHigh,
    atNsLow,
    stream: LogStream.STDOUT,
    data: new Uint8Array(),
    partial: false,
    serviceName: '',
    slot: 0,
    stack: '',
    node: '',
    ordinal: 1,
  },
});

const source = async function* (replies: readonly LogsReply[]): AsyncIterable<LogsReply> {
  yield* replies;
};

const merged = async (...sources: readonly (readonly LogsReply[])[]): Promise<LogsReply[]> => {
  const result: LogsReply[] = [];
  for await (const reply of mergeByTime(sources.map(source))) result.push(reply);
  return result;
};

test('lines of several tasks come in the order of their instants, none lost', async (t) => {
  const instants = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(instants, { maxLength: 4 }), async (lists) => {
      const sources = lists.map((list, at) =>
        list.sort(([a, b], [c, d]) => a - c || b - d).map(([high, low]) => line(`t${at}`, high, low)),
      );
      const result = await merged(...sources);
      t.is(result.length, sources.flat().length);
      const keys = result.map((reply) => (reply.line?.atNsHigh ?? 0) * 10 + (reply.line?.atNsLow ?? 0));
      t.deepEqual(
        keys,
        [...keys].sort((a, b) => a - b),
      );
      for (const [at, own] of sources.entries())
        t.deepEqual(
          result.filter((reply) => reply.line?.taskId === `t${at}`),
          own,
        );
    }),
  );
});

test('a warning goes before the lines it came ahead of', async (t) => {
  const result = await merged([line('a', 1), line('a', 5)], [{ warning: 'node b is away' }, line('b', 3)]);
  t.deepEqual(
    result.map((reply) => reply.warning ?? reply.line?.atNsHigh),
    ['node b is away', 1, 3, 5],
  );
});
