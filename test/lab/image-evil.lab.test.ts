import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type EntryWish, tarOf } from './support/image-fixtures.ts';
import { failure, importTar, inLab, namesIn } from './support/image-lab.ts';

const hostPasswd = '/etc/passwd';

/** Layers that try to reach beyond their folder: refused, or held inside. */
const evil: readonly { readonly title: string; readonly entries: readonly EntryWish[]; readonly inside?: readonly string[] }[] = [
  { title: 'a name that climbs', entries: [{ name: '../../escaped', content: 'x' }] },
  { title: 'a name that climbs in its middle', entries: [{ name: 'a/../../escaped', content: 'x' }] },
  { title: 'an absolute name', entries: [{ name: '/etc/escaped', content: 'x' }], inside: ['etc', 'etc/escaped'] },
  {
    title: 'a file behind an absolute symlink',
    entries: [
      { name: 'a', kind: 'symlink', linkName: '/etc' },
      { name: 'a/escaped', content: 'x' },
    ],
    inside: ['a', 'etc', 'etc/escaped'],
  },
  {
    title: 'a file behind a climbing symlink',
    entries: [
      { name: 'a', kind: 'symlink', linkName: '../../../../../etc' },
      { name: 'a/escaped', content: 'x' },
    ],
    inside: ['a', 'etc', 'etc/escaped'],
  },
  {
    title: 'a file behind two symlinks',
    entries: [
      { name: 'x', kind: 'directory' },
      { name: 'x/y', kind: 'symlink', linkName: '..' },
      { name: 'b', kind: 'symlink', linkName: 'x/y/../../etc' },
      { name: 'b/escaped', content: 'x' },
    ],
    inside: ['b', 'etc', 'etc/escaped', 'x', 'x/y'],
  },
  {
    title: 'a symlink loop',
    entries: [
      { name: 'a', kind: 'symlink', linkName: 'b' },
      { name: 'b', kind: 'symlink', linkName: 'a' },
      { name: 'a/c', content: 'x' },
    ],
  },
  { title: 'a hard link to a host file', entries: [{ name: 'a', kind: 'link', linkName: hostPasswd }] },
  { title: 'a hard link that climbs', entries: [{ name: 'a', kind: 'link', linkName: '../../../../../../etc/passwd' }] },
  {
    title: 'a hard link through a symlink',
    entries: [
      { name: 'a', kind: 'symlink', linkName: '/etc' },
      { name: 'b', kind: 'link', linkName: 'a/passwd' },
    ],
  },
  {
    title: 'a file over a symlink to a host file',
    entries: [
      { name: 'a', kind: 'symlink', linkName: hostPasswd },
      { name: 'a', content: 'mine' },
    ],
    inside: ['a'],
  },
  {
    title: 'a file written through a hard link to a symlink',
    entries: [
      { name: 'a', kind: 'symlink', linkName: hostPasswd },
      { name: 'b', kind: 'link', linkName: 'a' },
      { name: 'b', content: 'mine' },
    ],
    inside: ['a', 'b'],
  },
  {
    title: 'a directory over a symlink',
    entries: [
      { name: 'a', kind: 'symlink', linkName: '/etc' },
      { name: 'a', kind: 'directory' },
      { name: 'a/escaped', content: 'x' },
    ],
    inside: ['a', 'a/escaped'],
  },
  {
    title: 'a symlink over a filled directory',
    entries: [
      { name: 'a/b', content: 'x' },
      { name: 'a', kind: 'symlink', linkName: '/etc' },
      { name: 'a/escaped', content: 'x' },
    ],
    inside: ['a', 'etc', 'etc/escaped'],
  },
  {
    title: 'a symlink over an empty directory',
    entries: [
      { name: 'a', kind: 'directory' },
      { name: 'a', kind: 'symlink', linkName: '/etc' },
      { name: 'a/escaped', content: 'x' },
    ],
    inside: ['a', 'etc', 'etc/escaped'],
  },
  { title: 'a whiteout of the parent', entries: [{ name: 'a/.wh...' }] },
  {
    title: 'a whiteout behind a symlink',
    entries: [{ name: 'a', kind: 'symlink', linkName: '/etc' }, { name: 'a/.wh.passwd' }],
    inside: ['a', 'etc', 'etc/passwd'],
  },
  {
    title: 'an opaque mark behind a symlink',
    entries: [{ name: 'a', kind: 'symlink', linkName: '/etc' }, { name: 'a/.wh..wh..opq' }],
    inside: ['a', 'etc'],
  },
  { title: 'a root that is a file', entries: [{ name: '/', content: 'x' }] },
  { title: 'a root that is a symlink', entries: [{ name: '.', kind: 'symlink', linkName: '/etc' }] },
  {
    title: 'a file inside a file',
    entries: [
      { name: 'a', content: 'x' },
      { name: 'a/b', content: 'x' },
    ],
  },
  {
    title: 'a name with a new line and option-like parts',
    entries: [{ name: '--to-command=touch escaped\n', content: 'x' }],
    inside: ['--to-command=touch escaped\n'],
  },
];

for (const { title, entries, inside } of evil) {
  inLab(`a layer with ${title} never leaves its folder`, async (t, lab) => {
    const before = { passwd: readFileSync(hostPasswd, 'utf8'), etc: readdirSync('/etc').length, mode: statSync('/etc').mode };
    const work = importTar(lab, tarOf(entries));
    if (inside === undefined) {
      const error = await failure(t, work);
      t.is(error.code, 'DATA_LOSS', error.message);
      t.deepEqual(lab.contents(), [], 'nothing half-made is left');
    } else {
      const [folder = ''] = await lab.images.layerFolders(await work);
      t.deepEqual(await namesIn(folder), inside);
    }
    t.deepEqual({ passwd: readFileSync(hostPasswd, 'utf8'), etc: readdirSync('/etc').length, mode: statSync('/etc').mode }, before);
    t.false(existsSync('/etc/escaped') || existsSync(join(lab.dir, 'escaped')) || existsSync(join(lab.paths.dataDir, 'escaped')));
  });
}
