// A node in a later term than the leader's, and how the group gets out of it.
import test from 'ava';
import { MemoryStorage } from './memory-storage.ts';
import { emptyConfState, type Message, message, noBytes } from './messages.ts';
import { defaultRaftOptions } from './options.ts';
import { RaftCore } from './raft.ts';

const answers = (role: 'voter' | 'learner', careful: boolean): readonly Message[] => {
  const storage = new MemoryStorage();
  const members = role === 'voter' ? { voters: [1, 2, 3] } : { voters: [2, 3], learners: [1] };
  storage.applySnapshot({ index: 1, term: 1, confState: { ...emptyConfState, ...members }, data: noBytes });
  storage.hardState = { term: 5, vote: 0, commit: 1 };
  const options = {
    ...defaultRaftOptions,
    preVote: careful,
    checkQuorum: careful,
    id: 1,
    storage,
    random: { number: () => 0 },
    applied: 1,
  };
  const core = new RaftCore(options);
  core.step(message('MsgHeartbeat', { from: 2, to: 1, term: 2, commit: 1 }));
  return core.hasReady() ? core.ready().messages : [];
};

test('a learner in a later term tells the leader so, for it will never campaign and take the group there (simulation, seed 1201)', (t) => {
  for (const careful of [true, false]) {
    const [answer, ...rest] = answers('learner', careful);
    t.like(answer, { type: 'MsgAppResp', to: 2, term: 5 });
    t.deepEqual(rest, []);
  }
});

test('a voter in a later term leaves the leader alone until it campaigns, unless votes are asked for with care', (t) => {
  t.deepEqual(answers('voter', false), []);
  t.is(answers('voter', true)[0]?.term, 5);
});
