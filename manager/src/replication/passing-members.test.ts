import { type ErrorCode, type ListManagersReply, TsoError } from '@tso/proto';
import { fromStatus, type Managers, type RpcClient, toStatus } from '@tso/proto/rpc';
import test from 'ava';
import type { Members } from '../api/members-port.ts';
import { failure, outcomeOf } from '../raft/io/outcome.ts';
import { PassingMembers } from './passing-members.ts';

const nobodyHere = (): Promise<never> => Promise.reject(new Error('this manager does not lead'));
const local: Members = { list: nobodyHere, promote: nobodyHere, demote: nobodyHere, remove: nobodyHere, transfer: nobodyHere };

const list: ListManagersReply = { managers: [], leader: 2, term: 3, committed: 4, answeredBy: 2 };

/** A follower, whose leader's answers fail one after the other, then come. */
const follower = (...failures: TsoError[]) => {
  let calls = 0;
  const answer = async <T>(reply: T): Promise<T> => {
    calls += 1;
    const failed = failures.shift();
    if (failed !== undefined) throw failed;
    return reply;
  };
  const change = () => answer({ index: 9 });
  const managers: RpcClient<typeof Managers> = {
    listManagers: () => answer(list),
    promoteManager: change,
    demoteManager: change,
    removeManager: change,
    transferLeadership: change,
  };
  const members = new PassingMembers({ self: 1, local, leader: async () => ({ managers }) });
  return { members, calls: () => calls };
};

/** As the transport makes it: not the leader's own words. */
const broke = (message: string, code: ErrorCode = 'UNAVAILABLE'): TsoError => new TsoError(code, message);
const said = (error: TsoError): TsoError => fromStatus({ name: 'Error', ...toStatus(error) });

const changes = ['promote', 'demote', 'remove', 'transfer'] as const;

for (const change of changes) {
  test(`a leader that dies over a change (${change}) may have made it, and it is not asked for again`, async (t) => {
    const { members, calls } = follower(broke('read ECONNRESET'));
    const error = await t.throwsAsync(members[change](2), {
      code: 'UNAVAILABLE',
      message: /answer of the leader was lost: read ECONNRESET/,
    });
    t.is(outcomeOf(error), 'unknown');
    t.is(calls(), 1);
  });
}

test('a leader that does not answer in time may have made the change', async (t) => {
  const { members } = follower(broke('too late', 'DEADLINE_EXCEEDED'));
  t.is(outcomeOf(await t.throwsAsync(members.remove(2), { code: 'DEADLINE_EXCEEDED' })), 'unknown');
});

test('a change that nobody heard of, or that the leader refused, is asked for again', async (t) => {
  const { members, calls } = follower(broke('No connection established. Last error: x'), said(failure('refused', 'UNAVAILABLE', 'moved')));
  t.deepEqual(await members.remove(2), { index: 9 });
  t.is(calls(), 3);
});

test('what the leader says of a change stays as it said it', async (t) => {
  const { members, calls } = follower(said(failure('unknown', 'UNAVAILABLE', 'noted')));
  t.is(outcomeOf(await t.throwsAsync(members.remove(2), { message: 'noted' })), 'unknown');
  t.is(calls(), 1);
});

test('a list whose answer was lost changed nothing, and is asked for again', async (t) => {
  const lost = (): TsoError => broke('read ECONNRESET');
  t.is((await follower(lost()).members.list()).self, 1);
  t.is(outcomeOf(await t.throwsAsync(follower(lost(), lost(), lost()).members.list(), { code: 'UNAVAILABLE' })), 'refused');
});
