import test from 'ava';
import { TsoError } from '../index.ts';
import { Control, certificateRoles, joinChannel, NetworkDoor, RpcChannel } from './index.ts';
import { testAuthority } from './testing/certificates.ts';
import {
  directory,
  HandClock,
  joinerService,
  joinRequest,
  load,
  member,
  memberService,
  openDoor,
  recorder,
  reply,
  subject,
  until,
} from './testing/door.ts';

test('a member calls through mutual TLS, and the handler learns who it is', async (t) => {
  const it = await openDoor(t);
  t.like(await (await member(t, it)).client(memberService).renew({ csr: '' }), { clusterId: 'c1' });
  t.deepEqual(it.callers[0]?.identity, { nodeId: 'node-b', role: 'manager', cluster: 'c1' });
  t.deepEqual(it.callers[0]?.roles, ['manager']);
  t.regex(it.callers[0]?.peer ?? '', /^127\.0\.0\.1:\d+$/);
});

test('a member service does not exist for joiners, nor a joiner service for members', async (t) => {
  const it = await openDoor(t);
  const joining = joinChannel(it.door.address, it.digest);
  t.teardown(() => joining.destroy());
  const standing = await member(t, it);
  const calls = [
    () => joining.client(memberService).renew({ csr: '' }),
    () => joining.client(memberService).leave({}),
    () => standing.client(joinerService).join(joinRequest),
    () => standing.client({ getInfo: Control.getInfo }).getInfo({}),
  ];
  for (const call of calls) t.is((await t.throwsAsync(call, { instanceOf: TsoError })).code, 'UNIMPLEMENTED');
  t.deepEqual(it.callers, []);
});

test('a service for members may be added for joiners, and still answers only what is for them', async (t) => {
  const it = await openDoor(t);
  const everything = { renew: memberService.renew };
  const door = it.door.addForJoiners(everything, { renew: async () => t.fail() as never });
  const channel = joinChannel(door.address, it.digest);
  t.teardown(() => channel.destroy());
  const error = await t.throwsAsync(() => channel.client(everything).renew({ csr: '' }), { instanceOf: TsoError });
  t.is(error.code, 'PERMISSION_DENIED');
  t.regex(error.message, /the caller is joiner/);
});

test('new certificates are shown to who connects from now on, and connections that stand go on', async (t) => {
  const it = await openDoor(t);
  const before = await member(t, it);
  const waiting = before.client(memberService).leave({});
  await it.waits;
  it.door.renewTls(await load(await it.authority.issue(await directory(t), subject('node-a2'))));
  const tls = await load(await it.authority.issue(await directory(t), subject('node-b')));
  const after = new RpcChannel(it.door.address, { tls, expect: { nodeId: 'node-a2', role: 'manager' } });
  t.teardown(() => after.destroy());
  await after.client(memberService).renew({ csr: '' });
  t.is(it.door.figures.members, 2);
  it.release();
  t.deepEqual(await waiting, {});
});

test('whoever is trusted anew gets in after a renewal, and who is trusted no more does not', async (t) => {
  const it = await openDoor(t);
  const other = await openDoor(t);
  it.door.renewTls(await load(other.files));
  const channel = await member(t, { ...other, door: it.door });
  t.like(await channel.client(memberService).renew({ csr: '' }), { clusterId: 'c1' });
  const old = await member(t, it);
  t.is((await t.throwsAsync(() => old.client(memberService).renew({ csr: '' }), { instanceOf: TsoError })).code, 'UNAVAILABLE');
});

test('stopping lets a running call end, and lets nobody in any more', async (t) => {
  const it = await openDoor(t);
  const waiting = (await member(t, it)).client(memberService).leave({});
  await it.waits;
  const stopped = it.door.stop(60_000);
  const late = await member(t, it);
  t.is((await t.throwsAsync(() => late.client(memberService).renew({ csr: '' }), { instanceOf: TsoError })).code, 'UNAVAILABLE');
  it.release();
  t.deepEqual(await waiting, {});
  await stopped;
  t.is(it.door.figures.members, 0);
});

test('what has not ended within the grace time is cut', async (t) => {
  const it = await openDoor(t);
  const waiting = t.throwsAsync((await member(t, it)).client(memberService).leave({}), { instanceOf: TsoError });
  await it.waits;
  const stopped = it.door.stop(60_000);
  it.clock.advance(60_001);
  await stopped;
  t.is(it.door.figures.members, 0);
  t.true(['UNAVAILABLE', 'CANCELLED'].includes((await waiting).code));
});

test('a connection ends when the certificate it was made with does, and not before', async (t) => {
  const it = await openDoor(t);
  const channel = await member(t, it);
  await channel.client(memberService).renew({ csr: '' });
  it.clock.advance(30 * 60_000);
  t.is(it.door.figures.members, 1);
  it.clock.advance(31 * 60_000);
  await until('the connection to be gone', () => it.door.figures.members === 0);
  t.true(it.said.some(({ message, why }) => message === 'connection closed: its certificate does not count any more' && why === 'expired'));
});

test('a connection ends when the authority behind its certificate is trusted no more, and others stay', async (t) => {
  const it = await openDoor(t);
  const next = await it.authority.successor();
  const both = await load(await next.issue(await directory(t), subject('node-a')));
  const old = await load(it.files);
  it.door.renewTls({ ...both, ca: Buffer.concat([old.ca, Buffer.from('\n'), both.ca]) });
  const [before, after] = [await member(t, it, subject('node-b')), await member(t, it, subject('node-c'), next)];
  // The one that trusts only the old root finds the new one by what the old one says of it, and the other way round.
  await before.client(memberService).renew({ csr: '' });
  await after.client(memberService).renew({ csr: '' });
  it.clock.advance(60_001);
  t.is(it.door.figures.members, 2, 'both are trusted');
  it.door.renewTls(both);
  t.is(it.door.figures.members, 2);
  it.clock.advance(60_001);
  await until('the one of the old root to be gone', () => it.door.figures.members === 1);
  await after.client(memberService).renew({ csr: '' });
  t.deepEqual(
    it.said.filter(({ why }) => why !== undefined).map(({ why }) => why),
    ['of an authority that is trusted no more'],
  );
});

test('many connections are looked through in turns', async (t) => {
  const it = await openDoor(t);
  const channels = await Promise.all(Array.from({ length: 40 }, () => member(t, it)));
  await Promise.all(channels.map((channel) => channel.client(memberService).renew({ csr: '' })));
  t.is(it.door.figures.members, 40);
  it.door.renewTls(await load((await openDoor(t)).files));
  it.clock.advance(60_001);
  await until('the first turn to be over', () => it.door.figures.members === 8);
  it.clock.advance(2);
  await until('all to be gone', () => it.door.figures.members === 0);
});

test('certificates may be renewed before the door opens', async (t) => {
  const authority = await testAuthority();
  const tls = await load(await authority.issue(await directory(t), subject('node-a')));
  const clock = new HandClock();
  const door = new NetworkDoor({ address: '127.0.0.1:0', tls, authenticate: certificateRoles('c1'), logger: recorder([]), clock });
  door.add(memberService, { renew: async () => reply, leave: async () => ({}) });
  door.renewTls(await load(await authority.issue(await directory(t), subject('node-z'))));
  await door.start();
  t.teardown(() => door.stop(0));
  const own = await load(await authority.issue(await directory(t), subject('node-b')));
  const channel = new RpcChannel(door.address, { tls: own, expect: { nodeId: 'node-z', role: 'manager' } });
  t.teardown(() => channel.destroy());
  t.like(await channel.client(memberService).renew({ csr: '' }), { clusterId: 'c1' });
});

test('a connection that its other end closes is forgotten', async (t) => {
  const it = await openDoor(t);
  const channel = await member(t, it);
  await channel.client(memberService).renew({ csr: '' });
  t.like(it.door.figures, { arriving: 0, members: 1 });
  channel.destroy();
  await until('the connection to be gone', () => it.door.figures.members === 0);
});

test('an address that is taken is UNAVAILABLE, one that is none is INVALID_ARGUMENT', async (t) => {
  const { door } = await openDoor(t);
  const taken = await t.throwsAsync(() => openDoor(t, { address: door.address }), { instanceOf: TsoError });
  t.is(taken.code, 'UNAVAILABLE');
  t.regex(taken.message, /cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/);
  const none = await t.throwsAsync(() => openDoor(t, { address: '127.0.0.1' }), { instanceOf: TsoError });
  t.is(none.code, 'INVALID_ARGUMENT');
});

test('a door on a unix socket has no TLS and serves members only', async (t) => {
  const address = `unix:${await directory(t)}/s`;
  const it = await openDoor(t, { address, authenticate: () => ['worker'] });
  t.is(it.door.address, address);
  const channel = new RpcChannel(address);
  t.teardown(() => channel.destroy());
  t.like(await channel.client(memberService).renew({ csr: '' }), { clusterId: 'c1' });
  const error = await t.throwsAsync(() => channel.client(joinerService).join(joinRequest), { instanceOf: TsoError });
  t.is(error.code, 'UNIMPLEMENTED');
  await it.door.stop(0);
});

test('an address of version 6 has brackets', async (t) => {
  const it = await openDoor(t, { address: '[::1]:0' });
  t.regex(it.door.address, /^\[::1\]:\d+$/);
  t.like(await (await member(t, it)).client(memberService).renew({ csr: '' }), { clusterId: 'c1' });
});
