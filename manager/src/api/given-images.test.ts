import test from 'ava';
import { limits } from '../limits.ts';
import { GivenImages } from './given-images.ts';

test('who gave an image is told by asker, each once and the latest last, until the asker has it', (t) => {
  const given = new GivenImages();
  for (const giver of ['a', 'b', 'a']) given.gave('sha256:1', 'asker', giver);
  t.deepEqual(given.givers('sha256:1', 'asker'), ['b', 'a']);
  t.deepEqual(given.givers('sha256:1', 'another'), []);
  t.deepEqual(given.givers('sha256:2', 'asker'), []);
  given.forget('sha256:1', 'asker');
  t.deepEqual(given.givers('sha256:1', 'asker'), []);
});

test('of more askers than are remembered the one that asked longest ago is forgotten', (t) => {
  const given = new GivenImages();
  for (let asker = 0; asker < limits.rememberedImageAskers; asker++) given.gave('sha256:1', `n${asker}`, 'a');
  given.gave('sha256:1', 'n0', 'b');
  given.gave('sha256:1', 'one more', 'a');
  t.deepEqual(given.givers('sha256:1', 'n1'), []);
  t.deepEqual(given.givers('sha256:1', 'n0'), ['a', 'b']);
  t.deepEqual(given.givers('sha256:1', 'one more'), ['a']);
});
