import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { CgroupPlaces, cgroupPathOf } from './cgroup-places.ts';
import { cgroupsV2 } from './cgroup-v2.ts';

/** A folder in the place of a hierarchy: without the files that the kernel keeps in each, so that an empty group can be taken away. */
const inTree = (body: (root: string, make: (...paths: readonly string[]) => void) => void | Promise<void>): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), 'tso-places-'));
  const make = (...paths: readonly string[]): void => {
    for (const path of paths) mkdirSync(join(root, path), { recursive: true });
  };
  return Promise.resolve(body(root, make)).finally(() => rmSync(root, { recursive: true }));
};

test('a cgroup_parent is a place below the group of the node, however it is written, and never another', (t) => {
  t.is(cgroupPathOf('/tso', '', 'id'), '/tso/id');
  t.is(cgroupPathOf('/tso', 'a/b', 'id'), '/tso/a/b/id');
  t.is(cgroupPathOf('/tso', '/a//b/', 'id'), '/tso/a/b/id');
  for (const bad of ['..', 'a/../..', './a', Array.from({ length: 20 }, () => 'a').join('/')])
    t.throws(() => cgroupPathOf('/tso', bad, 'id'), { code: 'INVALID_ARGUMENT', message: /cgroup_parent .* is not a place below/ }, bad);
});

test('what only holds containers is none itself, and what nobody knows is one', (t) =>
  inTree((root, make) => {
    make('/tso/one', '/tso/apps/two/inner', '/tso/apps/web/three', '/tso/stray');
    const known = ['/tso/one', '/tso/apps/two', '/tso/apps/web/three'];
    const places = new CgroupPlaces('/tso', cgroupsV2(root), known);
    t.deepEqual(places.names(known).toSorted(), ['one', 'stray', 'three', 'two']);
    t.deepEqual(places.names([]).toSorted(), ['apps', 'one', 'stray', 'three', 'two', 'web']);
  }));

test('a container whose files are gone is found below the group that its service named', (t) =>
  inTree((root, make) => {
    make('/tso/one', '/tso/apps/web/two');
    const places = new CgroupPlaces('/tso', cgroupsV2(root), []);
    t.is(places.find('one'), '/tso/one');
    t.is(places.find('two'), '/tso/apps/web/two');
    t.is(places.find('three'), '/tso/three');
  }));

test('groups above a removed container go when they hold nothing else, not while another is being made there', (t) =>
  inTree(async (root, make) => {
    make('/tso/apps/web/one', '/tso/apps/two');
    const cgroups = cgroupsV2(root);
    const places = new CgroupPlaces('/tso', cgroups, ['/tso/apps/web/one', '/tso/apps/two']);
    const remove = (path: string): void => {
      rmSync(join(root, path), { recursive: true });
      places.prune(path);
    };
    await places.making('/tso/apps/web/three', async () => {
      remove('/tso/apps/web/one');
      t.true(existsSync(join(root, '/tso/apps/web')));
    });
    places.prune('/tso/apps/web/three');
    t.false(existsSync(join(root, '/tso/apps/web')));
    t.true(existsSync(join(root, '/tso/apps/two')));
    remove('/tso/apps/two');
    t.false(existsSync(join(root, '/tso/apps')));
    t.true(existsSync(join(root, '/tso')));
  }));

test('a group that holds something, or is gone already, is left as it is', (t) =>
  inTree((root, make) => {
    make('/tso/apps');
    const file = join(root, '/tso/apps/held');
    writeFileSync(file, '');
    const cgroups = cgroupsV2(root);
    t.false(cgroups.removeIfEmpty('/tso/apps'));
    rmSync(file);
    t.true(cgroups.removeIfEmpty('/tso/apps'));
    t.true(cgroups.removeIfEmpty('/tso/apps'));
    t.true(existsSync(dirname(join(root, '/tso/apps'))));
  }));
