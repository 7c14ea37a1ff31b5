import test from 'ava';
import fc from 'fast-check';
import { idInside, idOutside } from './owner.ts';

const shift = { base: 200_000, size: 65_536 };

test('ids go into a user namespace and out of it unchanged', (t) => {
  fc.assert(fc.property(fc.nat(65_535), (id) => t.is(idInside(idOutside(id, shift), shift), id)));
  t.is(idOutside(0, shift), 200_000);
  t.is(idOutside(70_000, undefined), 70_000);
});

test('an id of the host that a container has no number for is nobody, and one of the archive that it lacks is refused', (t) => {
  t.deepEqual(
    [0, 199_999, 265_536].map((id) => idInside(id, shift)),
    [65_534, 65_534, 65_534],
  );
  t.throws(() => idOutside(65_536, shift), { code: 'INVALID_ARGUMENT', message: /65536,.*only 65536/ });
});
