import test from 'ava';
import { genericEnvironment, genericResources } from './generic-resources.ts';

test('things of a host are counted or named, in the order of kinds', (t) => {
  t.deepEqual(genericResources(['ssd=b', 'gpu=4', 'ssd=a,c']), [
    { kind: 'gpu', count: 4, ids: [] },
    { kind: 'ssd', count: 3, ids: ['a', 'b', 'c'] },
  ]);
  t.deepEqual(genericResources([]), []);
  t.deepEqual(genericResources(['gpu=0']), [{ kind: 'gpu', count: 0, ids: [] }]);
});

const refused: readonly (readonly [words: readonly string[], why: RegExp])[] = [
  [['gpu'], /gpu is not usable: it must be KIND=NUMBER/],
  [['=4'], /KIND=NUMBER/],
  [['gpu='], /KIND=NUMBER/],
  [['g pu=1'], /KIND=NUMBER/],
  [['gpu=-1'], /"-1" is none/],
  [['gpu=1,,2'], /"" is none/],
  [['gpu=2', 'gpu=3'], /said once/],
  [['gpu=2', 'gpu=a'], /either counted or named: gpu=2/],
  [['gpu=a', 'gpu=2'], /said once/],
  [['gpu=a', 'gpu=b,a'], /without a named twice/],
  [['gpu=1000001'], /at most 1000000/],
  [['my-gpu=1', 'my_gpu=1'], /tell from my-gpu: both are DOCKER_RESOURCE_MY_GPU/],
];

for (const [words, why] of refused) {
  test(`${words.join(' ')} is refused by name`, (t) => {
    t.throws(() => genericResources(words), { code: 'INVALID_ARGUMENT', message: why });
  });
}

test('a task is told what it was given', (t) => {
  t.deepEqual(
    genericEnvironment([
      { kind: 'gpu', count: 2, ids: ['a', 'b'] },
      { kind: 'fast-disk', count: 3, ids: [] },
    ]),
    ['DOCKER_RESOURCE_GPU=a,b', 'DOCKER_RESOURCE_FAST_DISK=3'],
  );
});
