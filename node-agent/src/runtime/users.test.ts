import test from 'ava';
import fc from 'fast-check';
import { parseGroup, parsePasswd, resolveUser } from './users.ts';

const passwd =
  'root:x:0:0:root:/root:/bin/sh\n# comment\nbroken line\nweb:x:1000:1001:Web:/srv/web:/bin/sh\nbig:x:4294967295:0::/:\nnohome:x:7:7\n';
const group = 'root:x:0:\nweb:x:1001:\nlogs:x:50:other,web\nvideo:x:44:web\n';
const ask = (user: string, groupAdd: readonly string[] = []) => resolveUser({ user, groupAdd, passwd, group, image: 'img:1' });

test('nobody named means root with the home of root', (t) => {
  t.deepEqual(ask(''), { uid: 0, gid: 0, additionalGids: [0], home: '/root' });
});

test('the own group is among the others, so that a program that takes on another one keeps it', (t) => {
  t.deepEqual(ask('4242:77', ['50']).additionalGids, [50, 77]);
});

test('a name brings its group, its memberships and its home', (t) => {
  t.deepEqual(ask('web'), { uid: 1000, gid: 1001, additionalGids: [44, 50, 1001], home: '/srv/web' });
});

test('a number is looked up too, and one that nobody has still works', (t) => {
  t.deepEqual(ask('1000'), ask('web'));
  t.deepEqual(ask('4242'), { uid: 4242, gid: 0, additionalGids: [0], home: '/' });
});

test('a group that is given replaces the group and the memberships', (t) => {
  t.deepEqual(ask('web:logs'), { uid: 1000, gid: 50, additionalGids: [50], home: '/srv/web' });
  t.deepEqual(ask('0:77'), { uid: 0, gid: 77, additionalGids: [77], home: '/root' });
});

test('added groups come on top, by name or number, once each', (t) => {
  t.deepEqual(ask('web', ['9', 'logs', '1001']).additionalGids, [9, 44, 50, 1001]);
});

test('a name that the image lacks is an error that says where it was looked for', (t) => {
  t.throws(() => ask('nosuch'), { message: 'user nosuch is not in /etc/passwd of the image img:1' });
  t.throws(() => ask('web:nosuch'), { message: 'group nosuch is not in /etc/group of the image img:1' });
  t.throws(() => ask('4294967295'), { message: /not in \/etc\/passwd/ });
});

test('an image without a passwd still runs as root or by number', (t) => {
  const bare = (user: string) => resolveUser({ user, groupAdd: [], passwd: '', group: '', image: 'scratch' });
  t.deepEqual(bare(''), { uid: 0, gid: 0, additionalGids: [0], home: '/' });
  t.deepEqual(bare('5:6'), { uid: 5, gid: 6, additionalGids: [6], home: '/' });
});

test('no text makes the parsers throw or give an id out of range', (t) => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const ids = [...parsePasswd(text).map((entry) => entry.uid), ...parseGroup(text).map((entry) => entry.gid)];
      return ids.every((id) => Number.isInteger(id) && id >= 0 && id < 2 ** 32 - 1);
    }),
  );
  t.pass();
});

test('every well-formed entry is found again by its name', (t) => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,15}$/);
  fc.assert(
    fc.property(name, fc.nat(65_535), fc.nat(65_535), (user, uid, gid) => {
      const found = resolveUser({ user, groupAdd: [], passwd: `${user}:x:${uid}:${gid}::/h:/s`, group: '', image: 'i' });
      return found.uid === uid && found.gid === gid && found.home === '/h';
    }),
  );
  t.pass();
});
