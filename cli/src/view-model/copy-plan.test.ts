import test from 'ava';
import { type CopyDestination, type CopySource, lastName, parseCopyEnd, planCopy, renamedEntry } from './copy-plan.ts';

test('a service, a task and a path of this machine are told apart as docker cp does', (t) => {
  t.deepEqual(parseCopyEnd('-'), { kind: 'stream' });
  t.deepEqual(parseCopyEnd('web:/etc/hosts'), { kind: 'task', target: 'web', path: '/etc/hosts' });
  t.deepEqual(parseCopyEnd('web.2:var/log'), { kind: 'task', target: 'web.2', path: 'var/log' });
  t.deepEqual(parseCopyEnd('web:/a:b'), { kind: 'task', target: 'web', path: '/a:b' });
  t.deepEqual(parseCopyEnd('./file:name.txt'), { kind: 'local', path: './file:name.txt' });
  t.deepEqual(parseCopyEnd('/path/to/file:name.txt'), { kind: 'local', path: '/path/to/file:name.txt' });
  t.deepEqual(parseCopyEnd('plain'), { kind: 'local', path: 'plain' });
  t.deepEqual(parseCopyEnd(':odd'), { kind: 'local', path: ':odd' });
});

const file = (path: string): CopySource => ({ path, isDirectory: false, name: lastName(path) });
const folder = (path: string): CopySource => ({ path, isDirectory: true, name: lastName(path.replace(/\/\.$/, '')) });
const at = (path: string, kind: CopyDestination['kind']): CopyDestination => ({ path, kind });

/** The table of the manual of `docker cp`, row by row. */
const rows: readonly (readonly [string, CopySource, CopyDestination, string])[] = [
  ['a file to a free name is saved under it', file('/src/a.txt'), at('/dst/b.txt', 'missing'), '/dst b.txt'],
  ['a file to a free name in this folder', file('/src/a.txt'), at('b.txt', 'missing'), '. b.txt'],
  ['a file to a free name below the root', file('/src/a.txt'), at('/b.txt', 'missing'), '/ b.txt'],
  ['a file to a missing folder is refused', file('/src/a.txt'), at('/dst/', 'missing'), 'there is no folder /dst/'],
  ['a file over a file takes its place', file('/src/a.txt'), at('/dst/b.txt', 'file'), '/dst b.txt'],
  ['a file into a folder keeps its name', file('/src/a.txt'), at('/dst', 'folder'), '/dst a.txt'],
  ['a folder to a free name becomes that folder', folder('/src/d'), at('/dst/e', 'missing'), '/dst e'],
  ['a folder to a free name with a slash as well', folder('/src/d'), at('/dst/e/', 'missing'), '/dst e'],
  ['the contents of a folder to a free name become that folder', folder('/src/d/.'), at('/dst/e', 'missing'), '/dst e'],
  ['a folder over a file is refused', folder('/src/d'), at('/dst/f', 'file'), '/dst/f is a file: a folder cannot take its place'],
  ['a folder into a folder keeps its name', folder('/src/d'), at('/dst', 'folder'), '/dst d'],
  ['a folder with a slash is the folder', folder('/src/d/'), at('/dst', 'folder'), '/dst d'],
  ['the contents of a folder go into a folder', folder('/src/d/.'), at('/dst', 'folder'), '/dst '],
  ['the contents of this folder go into a folder', folder('.'), at('/dst', 'folder'), '/dst '],
  ['a root has no name to keep', { path: '/', isDirectory: true, name: '' }, at('/dst', 'folder'), '/dst '],
];

for (const [title, source, destination, expected] of rows) {
  test(title, (t) => {
    const verdict = planCopy(source, destination);
    t.is('plan' in verdict ? `${verdict.plan.folder} ${verdict.plan.name}` : verdict.problem, expected);
  });
}

test('the first name of each entry is replaced, or falls away', (t) => {
  t.is(renamedEntry('src', 'dst'), 'dst');
  t.is(renamedEntry('src/', 'dst'), 'dst');
  t.is(renamedEntry('src/a/b', 'dst'), 'dst/a/b');
  t.is(renamedEntry('./a', 'dst'), 'dst/a');
  t.is(renamedEntry('./', ''), '');
  t.is(renamedEntry('./a/b', ''), 'a/b');
  t.is(renamedEntry('src/../../x', 'dst'), 'dst/../../x', 'what leads out is left for the unpacking to refuse');
});
