// What operators may and may not do to the group of managers, on real processes.
import { TsoError } from '@tso/proto';
import test from 'ava';
import { eventually } from '../lab/support/eventually.ts';
import { Cluster } from './cluster.ts';
import { RegisterClient } from './register.ts';

const refusalOf = async (doing: Promise<unknown>): Promise<TsoError> => {
  try {
    await doing;
  } catch (error) {
    if (error instanceof TsoError) return error;
    throw error;
  }
  throw new Error('it was done');
};

test.serial('with one of three dead, nobody alive can be removed or demoted: the rest could not decide any more', async (t) => {
  const cluster = await Cluster.start({ size: 3 });
  try {
    const [alive, dead] = await cluster.followers();
    if (alive === undefined || dead === undefined) throw new Error('there are two followers');
    const [aliveId, deadId] = [await cluster.raftId(alive), await cluster.raftId(dead)];
    await dead.kill();
    const leader = await cluster.leader();
    const client = new RegisterClient(leader.target);
    await client.write('k', 'before', 10_000);
    await eventually('the dead one is missed', async () => {
      const { managers } = await cluster.list(leader);
      return managers.some(({ manager, reachable }) => manager.raftId === deadId && !reachable);
    });
    for (const attempt of [
      () => leader.managers.removeManager({ raftId: aliveId }),
      () => leader.managers.demoteManager({ raftId: aliveId }),
    ]) {
      const error = await refusalOf(attempt());
      t.log(error.sentence);
      t.regex(error.sentence, /2 voters of which 1 can be reached, and 2 are needed/);
    }
    // The dead one is no loss.
    await leader.managers.removeManager({ raftId: deadId });
    const { managers } = await cluster.list(leader);
    t.deepEqual(managers.map(({ manager }) => manager.raftId).sort(), [await cluster.raftId(leader), aliveId].sort());
    await client.write('k', 'after', 10_000);
    client.close();
  } finally {
    await cluster.destroy();
  }
});

test.serial('a removed member ends when it comes back, and its number is never given again', async (t) => {
  const cluster = await Cluster.start({ size: 3 });
  try {
    const [gone] = await cluster.followers();
    if (gone === undefined) throw new Error('there are two followers');
    const id = await cluster.raftId(gone);
    await gone.kill();
    await (await cluster.leader()).managers.removeManager({ raftId: id });
    const said = gone.output.length;
    const failed = await gone.start().then(
      () => undefined,
      (error: unknown) => String(error),
    );
    if (failed === undefined) t.is(await gone.ended(20_000), 1);
    t.regex(`${failed ?? ''} ${gone.output.slice(said)}`, /removed/);
    cluster.members.splice(cluster.members.indexOf(gone), 1);
    const newcomer = await cluster.add();
    t.true((await cluster.raftId(newcomer)) > 3);
  } finally {
    await cluster.destroy();
  }
});

test.serial('the only voter stays, unknown ones are not found, and every member passes requests on', async (t) => {
  const cluster = await Cluster.start({ size: 1 });
  try {
    const [only] = cluster.members;
    if (only === undefined) throw new Error('one member was started');
    const id = await cluster.raftId(only);
    for (const attempt of [() => only.managers.removeManager({ raftId: id }), () => only.managers.demoteManager({ raftId: id })])
      t.is((await refusalOf(attempt())).code, 'FAILED_PRECONDITION');
    t.is((await refusalOf(only.managers.promoteManager({ raftId: 77 }))).code, 'NOT_FOUND');
    t.truthy(await refusalOf(only.managers.transferLeadership({ raftId: 77 })));

    const second = await cluster.add();
    const third = await cluster.add();
    const [secondId, thirdId] = [await cluster.raftId(second), await cluster.raftId(third)];
    await third.managers.transferLeadership({ raftId: secondId });
    t.is(await cluster.leader(), second);
    await only.managers.demoteManager({ raftId: thirdId });
    t.deepEqual(
      (await cluster.list(third)).managers.map(({ manager, voter }) => [manager.nodeId, voter]),
      [
        ['n1', true],
        ['n2', true],
        ['n3', false],
      ],
    );
    // It still gets the log, and serves reads and passes on writes.
    const client = new RegisterClient(third.target);
    await client.write('k', 'by a learner', 10_000);
    t.is((await client.read('k', 10_000)).value, 'by a learner');
    client.close();
    await third.managers.promoteManager({ raftId: thirdId });
    t.true((await cluster.list(only)).managers.every(({ voter }) => voter));
  } finally {
    await cluster.destroy();
  }
});
