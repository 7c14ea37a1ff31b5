import { TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { silentLogger } from '../testing/ports.ts';
import { LaggingMember } from '../testing/shared-log.ts';
import { RotationKeeper } from './rotation-keeper.ts';
import { asClient, CaSite } from './testing/ca-site.ts';

const begin = { certificate: '', key: '', viewOnly: false, certificateLifeMs: 0 };

const kept = async (t: ExecutionContext) => {
  const site = await CaSite.make();
  const { member } = site;
  site.putNode('n1', { authorityEpoch: 1 });
  site.putNode('n2', { authorityEpoch: 1 });
  await member.fresh();
  const keeper = new RotationKeeper({ proposer: member, clock: site.clock, logger: silentLogger });
  await keeper.start();
  t.teardown(() => keeper.stop());
  const nodes = async (epoch: number, ...ids: readonly string[]): Promise<void> => {
    for (const id of ids) site.putNode(id, { authorityEpoch: epoch });
    await member.fresh();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return { site, member, keeper, nodes };
};

test('the old root is forgotten once every node holds what the new one signed, and not before', async (t) => {
  const { site, nodes } = await kept(t);
  await site.ca.rotateAuthority(begin, asClient);
  await nodes(2, 'n1');
  t.true((await site.ca.getAuthority({}, asClient)).rotating);
  await nodes(2, 'n2');
  t.like(await site.ca.getAuthority({}, asClient), { rotating: false, epoch: 3, waitingFor: [] });
});

test('a lost node that is removed holds it up no longer', async (t) => {
  const { site, member, nodes } = await kept(t);
  await site.ca.rotateAuthority(begin, asClient);
  await nodes(2, 'n1');
  site.putNode('n2', { authorityEpoch: 1, removing: true });
  await member.fresh();
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  t.false((await site.ca.getAuthority({}, asClient)).rotating);
});

test('what was due when this manager began to lead is done then', async (t) => {
  const { site, keeper, nodes } = await kept(t);
  await keeper.stop();
  await site.ca.rotateAuthority(begin, asClient);
  await nodes(2, 'n1', 'n2');
  t.true((await site.ca.getAuthority({}, asClient)).rotating);
  const next = new LaggingMember(site.log);
  await next.fresh();
  const successor = new RotationKeeper({ proposer: next, clock: site.clock, logger: silentLogger });
  await successor.start();
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  t.is((await site.ca.getAuthority({}, asClient)).epoch, 3);
  await successor.stop();
});

test('when the log refuses, it is tried again', async (t) => {
  const { site, nodes } = await kept(t);
  await site.ca.rotateAuthority(begin, asClient);
  await nodes(2, 'n1');
  site.putNode('n2', { authorityEpoch: 2 });
  const caughtUp = site.member.fresh();
  await caughtUp;
  site.log.failure = new TsoError('UNAVAILABLE', 'no leader');
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  site.log.failure = undefined;
  t.true((await site.ca.getAuthority({}, asClient)).rotating);
  site.clock.advance(1_000);
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  t.false((await site.ca.getAuthority({}, asClient)).rotating);
});

test('once stopped it writes nothing more', async (t) => {
  const { site, keeper, member, nodes } = await kept(t);
  await site.ca.rotateAuthority(begin, asClient);
  await keeper.stop();
  await nodes(2, 'n1', 'n2');
  t.true((await site.ca.getAuthority({}, asClient)).rotating);
  t.is(member.subscribers, 0);
  t.is(site.clock.pending, 0);
});
