import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { eventually } from '../testing/eventually.ts';
import { MemberWorld } from '../testing/member-world.ts';

const plain = { addressPool: undefined };

test('a node runs no manager before it is part of a cluster, and one from then on, after a restart too', (t) =>
  MemberWorld.run(async (world) => {
    const member = await world.start();
    t.deepEqual(world.manager.starts, []);
    t.is(member.describe().localState, 'inactive');
    t.is(await member.init(plain), world.identity.current.nodeId);
    const [first] = world.manager.starts;
    t.like(first?.settings, { addressPool: '10.32.0.0/12', subnetPrefix: 24, listenAddr: '', join: undefined });
    t.deepEqual(world.networks.configured, ['10.32.0.0/12']);
    t.like(member.describe(), { localState: 'active', controlAvailable: true });
    await world.start();
    t.deepEqual(world.manager.starts, first === undefined ? [] : [first]);
  }));

test('two wishes for a cluster at once make one; a later one is refused', (t) =>
  MemberWorld.run(async (world) => {
    const member = await world.start();
    await Promise.all([member.init(plain), member.init(plain)]);
    t.is(world.manager.starts.length, 1);
    await t.throwsAsync(member.init(plain), { code: 'CONFLICT' });
  }));

test('an address pool or a subnet size that is none is refused before anything is written', (t) =>
  MemberWorld.run(async (world) => {
    const member = await world.start();
    for (const addressPool of ['nonsense', '10.0.0.0/33', '10.0.0.0/30', '0.0.0.0/0', '']) {
      await t.throwsAsync(member.init({ addressPool }), { code: 'INVALID_ARGUMENT', message: /address pool/ }, addressPool);
    }
    for (const subnetSize of [15, 30, 24.5]) {
      await t.throwsAsync(member.init({ ...plain, subnetSize }), { code: 'INVALID_ARGUMENT', message: /subnet size/ });
    }
    t.is(world.identity.current.membership, undefined);
    t.deepEqual(world.manager.starts, []);
    await member.init({ addressPool: '10.64.0.0/16', subnetSize: 26 });
    t.like(world.identity.current.membership, { addressPool: '10.64.0.0/16', subnetPrefix: 26 });
  }));

test('networks that cannot be configured do not keep the manager from running', (t) =>
  MemberWorld.run(async (world) => {
    const member = await world.start();
    world.networks.failure = new Error('nft failed');
    await member.init(plain);
    t.is(world.manager.starts.length, 1);
    t.deepEqual(world.log.at('error'), ['the networks of this host could not be configured']);
  }));

test('a cluster whose manager cannot start is not made, and can be made afterwards', (t) =>
  MemberWorld.run(async (world) => {
    const member = await world.start();
    const { nodeId } = world.identity.current;
    const before = await readdir(world.paths.dataDir);
    world.manager.onStart = async () => ({ kind: 'failed', message: 'cannot listen on 0.0.0.0:2478' });
    await t.throwsAsync(member.init({ ...plain, listenAddr: '0.0.0.0:2478' }), {
      message: /no cluster was made: cannot listen on 0\.0\.0\.0:2478/,
    });
    t.deepEqual(world.identity.current, { nodeId, membership: undefined });
    t.false(world.manager.isThere);
    t.deepEqual((await readdir(world.paths.dataDir)).sort(), before.sort());
    world.manager.onStart = async () => ({ kind: 'ready' });
    await member.init(plain);
    t.is(member.describe().localState, 'active');
  }));

test('an agent that ends while it begins a cluster with a given authority does not begin one with another', (t) =>
  MemberWorld.run(async (world) => {
    const member = await world.start();
    const before = await readdir(world.paths.dataDir);
    const pem = '-----BEGIN CERTIFICATE-----';
    const wish = { ...plain, authority: { certificate: pem, key: pem } };
    const { onStart } = world.manager;
    world.manager.onStart = () => world.ended;
    void member.init(wish).catch(() => undefined);
    await eventually('its manager starts', () => world.manager.starts.length === 1);
    t.deepEqual((await readdir(join(world.paths.runDir, 'authority'))).toSorted(), ['ca-key.pem', 'ca.pem']);
    world.manager.onStart = onStart;
    const next = await world.startAfterCrash();
    t.is(next.describe().localState, 'inactive');
    t.deepEqual(world.manager.starts, []);
    t.deepEqual(await readdir(world.paths.runDir), []);
    t.deepEqual((await readdir(world.paths.dataDir)).toSorted(), before.toSorted());
    await next.init(wish);
    t.is(world.manager.starts[0]?.order?.kind, 'bootstrap-ca');
  }));

test('a new cluster is made of what the manager has, only where there is one, and with the address pool it had', (t) =>
  MemberWorld.run(async (world) => {
    const member = await world.start();
    const anew = { ...plain, forceNewCluster: true };
    await t.throwsAsync(member.init(anew), { code: 'FAILED_PRECONDITION', message: /runs no manager/ });
    await member.init(plain);
    await t.throwsAsync(member.init({ addressPool: '10.64.0.0/16', forceNewCluster: true }), { code: 'INVALID_ARGUMENT' });
    t.is(await member.init(anew), world.identity.current.nodeId);
    t.deepEqual(
      world.manager.starts.map(({ order }) => order?.kind),
      [undefined, 'force-new-cluster'],
    );
  }));

test('a manager listens where it was told and says where it is reached, also what a later daemon is told', (t) =>
  MemberWorld.run(async (world) => {
    await (await world.start()).init({ ...plain, listenAddr: '0.0.0.0:2500' });
    t.like(world.manager.starts[0]?.settings, { listenAddr: '0.0.0.0:2500', advertiseAddr: '127.0.0.1:2500' });
    await world.start();
    t.like(world.manager.starts[0]?.settings, { listenAddr: '0.0.0.0:2500', advertiseAddr: '127.0.0.1:2500' });
    world.options = { advertiseAddr: '10.0.0.7' };
    await world.start();
    t.like(world.manager.starts[0]?.settings, { listenAddr: '0.0.0.0:2500', advertiseAddr: '10.0.0.7:2500' });
    t.is(world.member.describe().address, '10.0.0.7');
  }));
