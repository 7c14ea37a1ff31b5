import { Writable } from 'node:stream';
import test from 'ava';
import { flushed } from './io.ts';

test('what a slow reader has not taken yet is waited for', async (t) => {
  const taken: string[] = [];
  const slow = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      setImmediate(() => {
        taken.push(chunk.toString());
        done();
      });
    },
  });
  for (let line = 1; line <= 5; line += 1) slow.write(`line ${line}`);
  t.true(taken.length < 5);
  await flushed(slow);
  t.deepEqual(
    taken.filter((text) => text !== ''),
    ['line 1', 'line 2', 'line 3', 'line 4', 'line 5'],
  );
});
