import test from 'ava';
import { targetsWithin } from './mountinfo.ts';

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
