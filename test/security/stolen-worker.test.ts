// Somebody has copied the certificate and the key of a worker. What opens to them is what a worker needs, for that one node.
import { createServer, type TLSSocket } from 'node:tls';
import { type AgentHello, NodeRole, newNode, type TsoError } from '@tso/proto';
import { makeKeyAndCsr } from '@tso/proto/pki';
import { Ca, Control, Managers, Raft } from '@tso/proto/rpc';
import test from 'ava';
import { freePort } from '../consensus/loopback-site.ts';
import { within } from '../consensus/within.ts';
import { callOnce, everyMethod, methodsNotFor } from './every-method.ts';
import { Site, verdict } from './site.ts';

test('a worker’s certificate calls none of the methods that are not for workers, whatever they are, and changes nothing', async (t) => {
  const site = await Site.start(t);
  const thief = await site.join('worker');
  const before = await site.version();
  const channel = site.channel(thief.tls);
  const forbidden = methodsNotFor('worker');
  t.true(forbidden.length > 35 && forbidden.length < everyMethod.length);
  for (const entry of forbidden) {
    t.regex(await callOnce(channel, entry), /^PERMISSION_DENIED: .* is for .*, the caller is worker$/, entry.method.path);
  }
  t.is(await site.version(), before);
});

test('a worker’s certificate reads no wish and no secret, moves no manager and joins no group of managers', async (t) => {
  const site = await Site.start(t);
  const thief = await site.join('worker');
  const before = await site.version();
  const ca = site.client(thief.tls, Ca);
  const control = site.client(thief.tls, Control);
  const managers = site.client(thief.tls, Managers);
  const raft = site.client(thief.tls, Raft);
  const attempts: Readonly<Record<string, () => Promise<unknown>>> = {
    'join tokens': () => ca.getJoinTokens({}),
    'the unlock key': () => ca.getUnlockKey({}),
    'an operator’s certificate': () => ca.issueClient({ name: 'thief', csr: '', lifeMs: 0 }),
    'another root': () => ca.rotateAuthority({ certificate: '', key: '', viewOnly: false, certificateLifeMs: 0 }),
    'the nodes': () => control.listNodes({}),
    'a config': () => control.putConfig({ name: 'c', labels: {}, data: new Uint8Array([1]) }),
    'the managers': () => managers.listManagers({}),
    'a vote less': () => managers.demoteManager({ raftId: 1 }),
    'a place among the managers': () => raft.join({ nodeId: thief.nodeId, address: '127.0.0.1:1', passedOn: false }),
    'a proposal': () =>
      raft.propose({ hello: { groupId: '', from: 2, fromNode: thief.nodeId, to: 1, address: '' }, transaction: new Uint8Array([1]) }),
  };
  for (const [what, attempt] of Object.entries(attempts)) t.is(await verdict(attempt()), 'PERMISSION_DENIED', what);
  t.is(await site.version(), before);
});

const hello = (nodeId: string): AgentHello => ({
  nodeId,
  description: newNode.description,
  haveVersion: 0,
  address: '',
  sessionEpoch: '',
  identity: { authorityEpoch: 1, role: NodeRole.WORKER },
});

test('a worker’s certificate opens a session for its own node and for no other', async (t) => {
  const site = await Site.start(t);
  const [thief, victim] = [await site.join('worker'), await site.join('worker')];
  const session = async (nodeId: string): Promise<string> => {
    const stream = site.dispatcher(thief.tls).session({ deadlineMs: 10_000 });
    try {
      await stream.send({ hello: hello(nodeId) });
      for await (const message of stream) return message.welcome === undefined ? 'another message' : 'welcome';
      return 'the end';
    } catch (error) {
      const { code, details } = error as TsoError;
      return `${code} ${details.reason}`;
    } finally {
      stream.cancel();
    }
  };
  t.is(await session(thief.nodeId), 'welcome');
  t.is(await session(victim.nodeId), 'PERMISSION_DENIED identity');
  t.is(await session(site.config.nodeId), 'PERMISSION_DENIED identity');
});

test('a worker’s certificate is renewed for that worker only, and leaves for that worker only', async (t) => {
  const site = await Site.start(t);
  const [thief, other] = [await site.join('worker'), await site.join('worker')];
  const ca = site.client(thief.tls, Ca);
  const { csr } = await makeKeyAndCsr();
  const renewed = await ca.renew({ csr });
  t.regex(renewed.certificate, /BEGIN CERTIFICATE/);
  t.is(renewed.role, NodeRole.WORKER, 'it does not make a manager of it');
  await ca.leave({});
  t.is(await verdict(site.client(other.tls, Ca).renew({ csr })), 'answered', 'the other is still there');
  t.is(await verdict(ca.renew({ csr })), 'PERMISSION_DENIED removed');
});

test('who shows a worker’s certificate as a manager is not believed, and hears nothing', async (t) => {
  const site = await Site.start(t);
  const [thief, victim] = [await site.join('worker'), await site.join('worker')];
  const heard: Buffer[] = [];
  const port = await freePort();
  const { cert, key, ca } = thief.tls;
  const shaken = Promise.withResolvers<void>();
  const impostor = createServer({ cert, key, ca, requestCert: true, minVersion: 'TLSv1.3', ALPNProtocols: ['h2'] }, (socket: TLSSocket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => heard.push(data));
  });
  impostor.on('tlsClientError', () => shaken.resolve());
  impostor.on('secureConnection', () => shaken.resolve());
  await new Promise<void>((resolve) => impostor.listen(port, '127.0.0.1', resolve));
  t.teardown(() => impostor.close());
  const call = site.channel(victim.tls, `127.0.0.1:${port}`).client(Ca).renew({ csr: '' }, { deadlineMs: 3_000 });
  t.regex(await verdict(call), /^(UNAVAILABLE|PERMISSION_DENIED|DEADLINE_EXCEEDED)/);
  await within(5_000, 'the handshake with the impostor', shaken.promise);
  t.deepEqual(heard, []);
});
