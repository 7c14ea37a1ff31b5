// Real manager processes on one machine, real faults, recorded histories. CONSENSUS_SEED=n tries other moments.
import test from 'ava';
import { stoppedLeader } from './faults.ts';
import { recorded } from './run.ts';

const three = { size: 3, atLeast: 600 };

test.serial('members that are killed one after the other cost nothing that was acknowledged', async (t) => {
  await recorded(t, three, async ({ cluster, clients, somebody }) => {
    for (let turn = 0; turn < 6; turn += 1) {
      const victim = turn % 2 === 0 ? await cluster.leader() : somebody();
      await victim.kill();
      await clients.progress(100, `while ${victim.nodeId} is dead (turn ${turn})`);
      await victim.start();
      await clients.progress(50, `after ${victim.nodeId} is back (turn ${turn})`);
    }
  });
});

test.serial('a majority, then all of them killed at the same instant: what was acknowledged is there when they are back', async (t) => {
  await recorded(t, three, async ({ cluster, clients }) => {
    for (const count of [2, 3, 2, 3]) {
      const victims = cluster.members.slice(0, count);
      await Promise.all(victims.map((victim) => victim.kill()));
      await Promise.all(victims.map((victim) => victim.start()));
      await clients.progress(100, `after ${count} were killed at once`);
    }
  });
});

test.serial('a leader that was stopped for longer than an election timeout answers nothing old when it goes on', async (t) => {
  // Clients wait longer than the leader is stopped: what they asked of it before and meanwhile it answers as soon as it goes on.
  await recorded(t, { ...three, clients: 9, deadlineMs: 12_000 }, async ({ cluster, clients, history }) => {
    for (let turn = 0; turn < 4; turn += 1) {
      const [former, next] = await stoppedLeader(cluster, clients, history);
      t.not(next, former);
    }
  });
});

test.serial('a rolling restart by SIGTERM ends each member properly, and work goes on', async (t) => {
  await recorded(t, three, async ({ cluster, clients }) => {
    for (let round = 0; round < 2; round += 1) {
      for (const member of [...cluster.members]) {
        t.is(await member.stop(), 0, member.output.slice(-2_000));
        await clients.progress(60, `while ${member.nodeId} is stopped`);
        await member.start();
        await cluster.caughtUp(member);
      }
    }
  });
});

test.serial('members come, go, lose and win their vote, lead and hand over while clients are at work', async (t) => {
  await recorded(t, { ...three, clients: 8 }, async ({ cluster, clients }) => {
    const [one, two, three_] = cluster.members;
    if (one === undefined || two === undefined || three_ === undefined) throw new Error('three members were started');
    const ask = async () => (await cluster.leader()).managers;

    const four = await cluster.add();
    const five = await cluster.add();
    await clients.progress(100, 'with five members');

    await (await ask()).transferLeadership({ raftId: await cluster.raftId(four) });
    t.is((await cluster.leader()).nodeId, four.nodeId);
    await clients.progress(100, 'after the leadership was handed to a member that came later');

    await (await ask()).demoteManager({ raftId: await cluster.raftId(four) });
    t.not((await cluster.leader()).nodeId, four.nodeId);
    await clients.progress(100, 'after the leader lost its vote');
    await (await ask()).promoteManager({ raftId: await cluster.raftId(four) });
    await clients.progress(100, 'after it won its vote back');

    await one.kill();
    await clients.progress(50, 'with a dead member');
    await (await ask()).removeManager({ raftId: await cluster.raftId(one) });
    await cluster.forget(one);
    const six = await cluster.add();
    await clients.progress(100, 'after a dead member was replaced');

    const leader = await cluster.leader();
    const id = await cluster.raftId(leader);
    await leader.managers.removeManager({ raftId: id });
    await cluster.forget(leader);
    await clients.progress(100, 'after the leader was removed');
    t.is(cluster.members.length, 4);
    t.true(cluster.members.includes(six) || leader === six);
    t.true(cluster.members.includes(five) || leader === five);
  });
});

test.serial('a follower that was away for too long is brought up with a snapshot', async (t) => {
  const flags = { 'snapshot-entries': 150, 'keep-entries': 30 };
  await recorded(t, { ...three, flags }, async ({ cluster, clients }) => {
    for (let turn = 0; turn < 3; turn += 1) {
      const [away] = await cluster.followers();
      if (away === undefined) throw new Error('there is no follower');
      await away.kill();
      await clients.progress(900, `while ${away.nodeId} is away`);
      const before = away.output.length;
      await away.start();
      await cluster.caughtUp(away);
      t.regex(away.output.slice(Math.min(before, away.output.length - 1)), /snapshot/);
      await clients.progress(50, `after ${away.nodeId} caught up`);
    }
  });
});

test.serial('everything at once in a cluster of five', async (t) => {
  const flags = { 'snapshot-entries': 300, 'keep-entries': 60 };
  await recorded(t, { size: 5, atLeast: 1_000, clients: 8, deadlineMs: 8_000, flags }, async ({ cluster, clients, chance, somebody }) => {
    for (let turn = 0; turn < 8; turn += 1) {
      const victims = [...new Set([chance.happens(0.5) ? await cluster.leader() : somebody(), somebody()])];
      const kinds = victims.map(() => chance.below(3));
      await Promise.all(
        victims.map(async (victim, index) => {
          if (kinds[index] === 0) await victim.kill();
          else if (kinds[index] === 1) await victim.stop();
          else victim.pause();
        }),
      );
      await clients.progress(80, `while ${victims.map(({ nodeId }) => nodeId).join(' and ')} are not there (turn ${turn})`);
      await Promise.all(victims.map((victim) => (victim.alive ? victim.resume() : victim.start())));
      if (chance.happens(0.4)) await cluster.settled();
      if (turn === 3) {
        const gone = somebody();
        const id = await cluster.raftId(gone);
        await gone.kill();
        await (await cluster.leader()).managers.removeManager({ raftId: id });
        await cluster.forget(gone);
        await cluster.add();
      }
    }
  });
});
