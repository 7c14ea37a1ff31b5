import test from 'ava';
import fc from 'fast-check';
import { entryPath } from './entry-path.ts';

test('blanks, dots and a leading slash fall away; the destination itself has no names', (t) => {
  t.deepEqual(entryPath('/a//./b/'), ['a', 'b']);
  t.deepEqual(entryPath('./'), []);
  t.deepEqual(entryPath('a.b/..c'), ['a.b', '..c']);
});

test('what leads upward is refused, wherever it stands', (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '.', '', 'b')), fc.array(fc.constantFrom('a', '.', '..')), (before, behind) => {
      t.throws(() => entryPath([...before, '..', ...behind].join('/')), { code: 'INVALID_ARGUMENT', message: /leads out/ });
    }),
  );
});

test('a name that no file system takes is refused', (t) => {
  t.throws(() => entryPath('a\0b'), { code: 'INVALID_ARGUMENT' });
  t.throws(() => entryPath('x'.repeat(256)), { code: 'INVALID_ARGUMENT' });
  t.is(entryPath('x'.repeat(255)).length, 1);
});
