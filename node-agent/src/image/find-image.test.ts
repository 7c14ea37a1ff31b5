import test from 'ava';
import { findRecord, type KnownImage } from './find-image.ts';
import { emptyConfig } from './image-config.ts';
import { withName } from './image-index.ts';

const id = (start: string): string => `sha256:${start.padEnd(64, '0')}`;

const known = (manifest: string, config: string, names: readonly string[], digests: readonly string[] = []): KnownImage => ({
  record: { manifest: id(manifest), names, digests },
  image: {
    id: id(config),
    names,
    digest: id(manifest),
    sizeBytes: 0,
    createdAtMs: 0,
    platform: { os: 'linux', architecture: 'amd64', variant: '' },
    config: emptyConfig,
    layers: [],
  },
  chain: [],
  layerBlobs: [],
  firstLayer: 0,
});

const images = [
  known('a1', 'abcd1', ['docker.io/library/redis:7', 'docker.io/library/redis:latest'], [`docker.io/library/redis@${id('f1')}`]),
  known('b1', 'abcd2', ['quay.io/team/app:1']),
  known('c1', 'dead', []),
];
const found = (name: string): string | undefined => findRecord(images, name)?.record.manifest;

test('an image is found by any way of writing its name', (t) => {
  for (const name of ['redis', 'redis:7', 'library/redis', 'docker.io/redis', 'index.docker.io/library/redis:latest'])
    t.is(found(name), id('a1'), name);
  t.is(found('quay.io/team/app:1'), id('b1'));
  for (const name of ['redis:8', 'team/app:1', 'quay.io/team/app', '']) t.is(found(name), undefined, name);
});

test('an image is found by the digest of its manifest and by the one its registry gave', (t) => {
  t.is(found(`redis@${id('a1')}`), id('a1'));
  t.is(found(`redis:9@${id('f1')}`), id('a1'));
  t.is(found(`quay.io/team/app@${id('a1')}`), undefined, 'another repository');
});

test('an image is found by its id and by a start that is its alone', (t) => {
  t.is(found(id('dead')), id('c1'));
  t.is(found('dead'), id('c1'));
  t.is(found('abcd1'), id('a1'));
  t.is(found('abcd'), undefined, 'two begin so');
  t.is(found('dea'), undefined, 'too short');
});

test('which of its names matched is told, so that only that one is removed', (t) => {
  t.is(findRecord(images, 'redis')?.matched, 'docker.io/library/redis:latest');
  t.is(findRecord(images, 'abcd1')?.matched, undefined);
});

test('a name goes from the image that had it to the one that gets it', (t) => {
  const one = withName([], id('1'), ['b', 'a'], ['x']);
  const two = withName(one, id('2'), ['b'], []);
  t.deepEqual(two, [
    { manifest: id('1'), names: ['a'], digests: ['x'] },
    { manifest: id('2'), names: ['b'], digests: [] },
  ]);
  t.deepEqual(withName(two, id('1'), ['b'], ['x', 'y']), [
    { manifest: id('1'), names: ['a', 'b'], digests: ['x', 'y'] },
    { manifest: id('2'), names: [], digests: [] },
  ]);
});
