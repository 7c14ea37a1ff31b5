import test from 'ava';
import { hasTmpfsAt, targetsWithin } from './mountinfo.ts';

const info = `22 1 0:20 / / rw - overlay o rw
30 22 0:30 / /var/lib/tso/volumes/a/_data rw shared:1 - nfs4 host:/x rw
31 22 0:31 / /var/lib/tso/volumes/a\\040b/_data rw - tmpfs tmpfs rw
32 30 0:32 / /var/lib/tso/volumes/a/_data/sub rw - tmpfs tmpfs rw
33 22 0:33 / /var/lib/tso/volumes/ab rw - tmpfs tmpfs rw
`;

test('mounts at a folder and below it are found, those beside it are not, in the order in which they were made', (t) => {
  t.deepEqual(targetsWithin(info, '/var/lib/tso/volumes/a/_data'), ['/var/lib/tso/volumes/a/_data', '/var/lib/tso/volumes/a/_data/sub']);
  t.deepEqual(targetsWithin(info, '/var/lib/tso/volumes/a b'), ['/var/lib/tso/volumes/a b/_data']);
  t.deepEqual(targetsWithin(info, '/nowhere'), []);
});

test('a file system in memory is told from others at the same place, and from one beside it', (t) => {
  const line = (place: string, type: string): string => `40 30 0:35 / ${place} rw,relatime shared:9 - ${type} tso rw,size=1k`;
  t.true(hasTmpfsAt([line('/run', 'tmpfs'), line('/run/tso/memory', 'tmpfs')].join('\n'), '/run/tso/memory'));
  t.false(hasTmpfsAt(line('/run/tso/memory', 'ext4'), '/run/tso/memory'));
  t.false(hasTmpfsAt(line('/run/tso', 'tmpfs'), '/run/tso/memory'));
  t.true(hasTmpfsAt(line('/run/my\\040tso', 'tmpfs'), '/run/my tso'));
});
