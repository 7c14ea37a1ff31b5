import test from 'ava';
import type { IdShift, Image } from '../image/types.ts';
import { imageNamed } from '../testing/fake-host.ts';
import { ImageMounts } from './image-mounts.ts';

const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;

test('each task has a view of its own of each image that it mounts, and they go with it', async (t) => {
  const views = new Map<string, readonly string[]>();
  const mounts = new ImageMounts({
    images: { layerFolders: async ({ digest }, shift?: IdShift) => [`${digest} from ${shift?.base ?? 0}`] },
    views: {
      mount: async (id, layers) => {
        views.set(id, layers);
        return `/views/${id}`;
      },
      remove: async (id) => void views.delete(id),
      list: async () => [...views.keys()],
    },
  });
  const imageOf = (digit: string): Image => ({ ...imageNamed('site:1'), digest: digestOf(digit) });
  const folders = [
    await mounts.mount('task1', imageOf('a'), { base: 100_000, size: 65_536 }),
    await mounts.mount('task1', imageOf('b'), undefined),
    await mounts.mount('task2', imageOf('a'), undefined),
  ];
  t.is(new Set(folders).size, 3);
  t.deepEqual([...views.values()].flat(), [`${digestOf('a')} from 100000`, `${digestOf('b')} from 0`, `${digestOf('a')} from 0`]);
  t.is(await mounts.mount('task2', imageOf('a'), undefined), folders.at(-1) ?? '');
  await mounts.removeWhere((taskId) => taskId === 'task1');
  t.deepEqual(
    [...views.keys()].map((id) => `/views/${id}`),
    folders.slice(2),
  );
});
