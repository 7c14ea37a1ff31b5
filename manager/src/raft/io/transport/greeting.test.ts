import type { RaftHello } from '@tso/proto';
import test from 'ava';
import { admit } from './greeting.ts';
import { PeerBook } from './peer-book.ts';

const own = { groupId: 'log', raftId: 2, nodeId: 'b' };
const peer = (raftId: number, nodeId: string, address = `unix:/${nodeId}`) => ({ raftId, nodeId, address });
const hello: RaftHello = { groupId: 'log', from: 1, fromNode: 'a', to: 2, address: 'unix:/a' };
const newBook = (): PeerBook => {
  const book = new PeerBook(2, 2);
  book.set([peer(1, 'a'), peer(2, 'b')], new Set([7]));
  return book;
};

test('a member is let in, and so is one that is not known yet', (t) => {
  t.is(admit(hello, own, newBook(), 'a').from, 1);
  t.is(admit(hello, own, newBook(), undefined).from, 1);
  t.is(admit({ ...hello, from: 9, fromNode: 'z' }, own, newBook(), 'z').from, 9);
});

const refused: readonly [string, Partial<RaftHello>, string | undefined, string, RegExp][] = [
  ['another log', { groupId: 'other' }, 'a', 'FAILED_PRECONDITION', /the log here is log, not other/],
  ['for another member', { to: 3 }, 'a', 'FAILED_PRECONDITION', /this is member 2, not 3/],
  ['a certificate of another node', {}, 'c', 'PERMISSION_DENIED', /the caller is node c and says it is node a/],
  ["another node's member", { fromNode: 'c' }, 'c', 'PERMISSION_DENIED', /member 1 is node a, not node c/],
  ['our own member', { from: 2, fromNode: 'c' }, 'c', 'PERMISSION_DENIED', /member 2 is node b, not node c/],
  ['a removed member', { from: 7, fromNode: 'g' }, 'g', 'PERMISSION_DENIED', /member 7 was removed/],
  ['no member', { from: 0, fromNode: 'g' }, 'g', 'INVALID_ARGUMENT', /0 is not the id of a member/],
];
for (const [what, change, certified, code, message] of refused) {
  test(`${what} is refused by name`, (t) => {
    t.throws(() => admit({ ...hello, ...change }, own, newBook(), certified), { code, message });
  });
}

test('nobody gets in without a hello', (t) => {
  t.throws(() => admit(undefined, own, newBook(), 'a'), { code: 'INVALID_ARGUMENT' });
  t.throws(() => admit(null, own, newBook(), 'a'), { code: 'INVALID_ARGUMENT' });
});

test('an unknown member is found where it says, until the log says something else', (t) => {
  const book = newBook();
  t.is(book.peer(9), undefined);
  t.true(book.learn({ ...hello, from: 9, fromNode: 'z', address: 'unix:/z1' }));
  t.false(book.learn({ ...hello, from: 9, fromNode: 'z', address: 'unix:/z1' }), 'no news');
  t.is(book.peer(9)?.address, 'unix:/z1');
  book.set([peer(1, 'a')], new Set());
  t.is(book.peer(9)?.address, 'unix:/z1', 'the log has not come to it yet');
  book.set([peer(1, 'a'), peer(9, 'z', 'unix:/z2')], new Set());
  t.is(book.peer(9)?.address, 'unix:/z2');
});

test('a member that has moved is found at its new place before the log says so, and then where the log says', (t) => {
  const book = newBook();
  t.true(book.learn({ ...hello, address: 'unix:/a2' }));
  book.set([peer(1, 'a'), peer(4, 'd')], new Set());
  t.is(book.peer(1)?.address, 'unix:/a2', 'the log says of it what it said before');
  book.set([peer(1, 'a', 'unix:/a3')], new Set());
  t.is(book.peer(1)?.address, 'unix:/a3');
});

test('what is learnt is bounded, and forgotten with the removal of its member', (t) => {
  const book = newBook();
  for (const from of [11, 12, 13]) book.learn({ ...hello, from, fromNode: `n${from}`, address: `unix:/${from}` });
  t.deepEqual(
    [11, 12, 13].map((id) => book.peer(id)?.address),
    [undefined, 'unix:/12', 'unix:/13'],
  );
  book.set([], new Set([12]));
  t.is(book.peer(12), undefined);
  t.true(book.isRemoved(12));
});
