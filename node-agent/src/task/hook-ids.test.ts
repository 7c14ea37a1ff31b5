import test from 'ava';
import { ownerOf, preStartId } from './hook-ids.ts';

test('a hook container is known by its task and its place, and its owner is found by that', (t) => {
  const id = preStartId('k3v9q2m8x1z7c4b6n5a0s8d2f', 12);
  t.is(id, 'k3v9q2m8x1z7c4b6n5a0s8d2f-pre-12');
  t.is(ownerOf(id), 'k3v9q2m8x1z7c4b6n5a0s8d2f');
  t.is(ownerOf('k3v9q2m8x1z7c4b6n5a0s8d2f'), 'k3v9q2m8x1z7c4b6n5a0s8d2f');
});
