import test from 'ava';
import fc from 'fast-check';
import { type FramePlace, FrameTable } from './frame-table.ts';

const place = (firstIndex: number, count: number, term = 1): FramePlace => ({
  firstIndex,
  count,
  term,
  segment: 1,
  offset: firstIndex * 100,
  bytes: count * 10,
});

test('a table of thousands of frames finds each entry, whatever was cut and dropped', (t) => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), counts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 900 }) }),
    fc.record({ kind: fc.constantFrom('cut' as const, 'drop' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 12 }), (operations) => {
      const table = new FrameTable();
      let frames: FramePlace[] = [];
      let next = 1;
      for (const asked of operations) {
        if (asked.kind === 'push') {
          for (const count of asked.counts) {
            frames.push(place(next, count));
            table.push(place(next, count));
            next += count;
          }
          continue;
        }
        const first = frames[0]?.firstIndex ?? next;
        const index = first + Math.floor((next - first) * asked.share);
        if (asked.kind === 'cut') {
          table.cutFrom(index);
          frames = frames
            .filter(({ firstIndex }) => firstIndex < index)
            .map((frame) => (frame.firstIndex + frame.count <= index ? frame : { ...place(frame.firstIndex, index - frame.firstIndex) }));
          next = Math.min(next, index);
        } else {
          table.dropTo(index);
          frames = frames.filter(({ firstIndex, count }) => firstIndex + count - 1 > index);
        }
      }
      t.is(table.length, frames.length);
      t.is(
        table.bytes,
        frames.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      for (const [position, frame] of frames.entries()) {
        for (const index of [frame.firstIndex, frame.firstIndex + frame.count - 1])
          if (table.find(index) !== position) t.fail(`entry ${index}`);
      }
      t.deepEqual(table.at(frames.length - 1), frames.at(-1));
      t.is(table.at(frames.length), undefined);
    }),
    { numRuns: 100 },
  );
});
