import test from 'ava';
import fc from 'fast-check';
import { contentsOf, frameOf, readLog } from './log-file.ts';

const contents = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 6 });
const logOf = (parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts.map(frameOf));

test('what was written is read back', (t) => {
  fc.assert(
    fc.property(contents, (parts) => {
      const read = readLog(logOf(parts), false);
      t.is(read.kind, 'whole');
      if (read.kind !== 'damaged')
        t.deepEqual(
          read.frames.map((frame) => [...contentsOf(frame)]),
          parts.map((part) => [...part]),
        );
    }),
  );
});

test('a log that was cut, with zeros behind the cut or nothing, keeps the whole frames before it', (t) => {
  fc.assert(
    fc.property(contents, fc.nat(), fc.nat(60), (parts, point, zeros) => {
      const log = logOf(parts);
      const cut = point % (log.length + 1);
      const left = Buffer.concat([log.subarray(0, cut), Buffer.alloc(Math.min(zeros, log.length - cut))]);
      const read = readLog(left, false);
      let whole = 0;
      for (let end = 0; whole < parts.length; whole += 1) {
        end += frameOf(parts[whole] ?? new Uint8Array(0)).length;
        if (end > cut) break;
      }
      t.not(read.kind, 'damaged');
      if (read.kind !== 'damaged') t.is(read.frames.length, whole);
    }),
  );
});

test('a bit that flips anywhere is noticed', (t) => {
  fc.assert(
    fc.property(contents, fc.nat(), fc.nat(7), (parts, point, bit) => {
      const log = logOf(parts);
      const at = point % log.length;
      log[at] = (log[at] ?? 0) ^ (1 << bit);
      t.is(readLog(log, false).kind, 'damaged');
    }),
    { numRuns: 1000 },
  );
});
