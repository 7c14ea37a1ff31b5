import test from 'ava';
import { barOf, observePull, startPull } from './pull-progress.ts';

const layer = (status: string, current?: number) => ({
  id: 'abc',
  status,
  ...(current === undefined ? {} : { progressDetail: { current, total: 10 } }),
});

test('a layer is worth a line when its status changes, not for more bytes', (t) => {
  const first = observePull(startPull, layer('Downloading', 1));
  t.is(first.line, 'abc: Downloading');
  const second = observePull(first, layer('Downloading', 7));
  t.is(second.line, undefined);
  t.is(second.layers.get('abc')?.current, 7);
  t.is(observePull(second, layer('Pull complete')).line, 'abc: Pull complete');
});

test('what is about no layer is said as it is', (t) => {
  t.is(observePull(startPull, { status: 'Digest: sha256:1' }).line, 'Digest: sha256:1');
  const said = observePull(startPull, { stream: 'Loaded image: x\n', id: 'sha256:1' });
  t.is(said.line, 'Loaded image: x');
  t.is(said.layers.size, 0);
});

test('a bar shows how much is done', (t) => {
  const bar = (current: number, total: number) => barOf({ id: 'x', status: '', current, total }, 4);
  t.deepEqual([bar(0, 8), bar(4, 8), bar(8, 8), bar(9, 8), bar(3, 0)], ['[>   ]', '[==> ]', '[====]', '[====]', '']);
});
