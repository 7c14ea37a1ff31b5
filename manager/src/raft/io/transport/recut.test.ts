import test from 'ava';
import fc from 'fast-check';
import { recut } from './recut.ts';

test('the bytes stay the same, and all pieces but the last have the size', async (t) => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 50 }), async (chunks, size) => {
      const given = async function* () {
        yield* chunks;
      };
      const cut: Uint8Array[] = [];
      for await (const piece of recut(given(), size)) cut.push(piece);
      t.deepEqual(Buffer.concat(cut), Buffer.concat(chunks));
      t.true(cut.slice(0, -1).every(({ length }) => length === size));
      t.true(cut.every(({ length }) => length > 0 && length <= size));
    }),
  );
});
