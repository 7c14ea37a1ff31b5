// Another root takes the place of the first while everybody goes on talking to each other.
import { type AgentHello, NodeRole, newNode, parseToken } from '@tso/proto';
import { certificateDigest, identityFromReply, makeKeyAndCsr, writeIdentity } from '@tso/proto/pki';
import { Ca, Dispatcher } from '@tso/proto/rpc';
import test from 'ava';
import { within } from '../consensus/within.ts';
import { anyRoot } from './forged.ts';
import { anyId, type Member, Site, verdict } from './site.ts';

const hello = ({ nodeId, identity }: Member): AgentHello => ({
  nodeId,
  description: newNode.description,
  haveVersion: 0,
  address: '',
  sessionEpoch: '',
  identity: { authorityEpoch: identity.authorityEpoch, role: NodeRole.WORKER },
});

const renewed = async (site: Site, member: Member): Promise<Member> => {
  const { key, csr } = await makeKeyAndCsr();
  const reply = await site.client(member.tls, Ca).renew({ csr });
  return site.keep(member.nodeId, identityFromReply(reply, key));
};

/** What the agent of the manager's own node does: renews over the socket, and has the manager take the new certificate up. */
const renewManager = async (site: Site): Promise<void> => {
  const { key, csr } = await makeKeyAndCsr();
  await writeIdentity(site.config.identityDir ?? '', identityFromReply(await site.ca.renew({ csr }), key));
  await site.manager.renewTls();
};

/** Tells the leader what the node holds, as its agent does. */
const report = async (site: Site, member: Member): Promise<void> => {
  const stream = site.dispatcher(member.tls).session();
  await stream.send({ hello: hello(member) });
  for await (const message of stream) if (message.welcome !== undefined) break;
  stream.cancel();
};

const reportManager = async (site: Site, authorityEpoch: number): Promise<void> => {
  const stream = site.local(Dispatcher).session();
  const identity = { authorityEpoch, role: NodeRole.MANAGER };
  const { nodeId } = site.config;
  await stream.send({ hello: { nodeId, description: newNode.description, haveVersion: 0, address: '', sessionEpoch: '', identity } });
  for await (const message of stream) if (message.welcome !== undefined) break;
  stream.cancel();
};

const canCall = (site: Site, member: Member): Promise<string> =>
  verdict(makeKeyAndCsr().then(({ csr }) => site.client(member.tls, Ca).renew({ csr }, { deadlineMs: 5_000 })));

const over = async (site: Site): Promise<void> => {
  while ((await site.ca.getAuthority({})).rotating) await new Promise((resolve) => setTimeout(resolve, 20));
};

const begin = { certificate: '', key: '', viewOnly: false, certificateLifeMs: 0 };

test('everybody reaches everybody in every phase of a rotation, then the old root is good for nothing', async (t) => {
  const site = await Site.start(t);
  const [early, late] = [await site.join('worker'), await site.join('worker')];
  const operator = await site.operator('alice');
  const oldTokens = await site.ca.getJoinTokens({});
  const names = async () => [...(await site.ca.getAuthority({})).waitingFor].sort();

  const { epoch, digest } = await site.ca.rotateAuthority(begin);
  t.is((await names()).length, 3);
  t.deepEqual([await canCall(site, early), await canCall(site, late)], ['answered', 'answered'], 'begun, nobody has renewed');

  const early2 = await renewed(site, early);
  await report(site, early2);
  t.is(early2.identity.authorityEpoch, epoch);
  t.deepEqual([await canCall(site, early2), await canCall(site, late)], ['answered', 'answered'], 'the manager has its old certificate');

  await renewManager(site);
  t.deepEqual([await canCall(site, early2), await canCall(site, late)], ['answered', 'answered'], 'the manager has a new one');
  t.is(await verdict(site.control.getInfo({})), 'answered');
  const tokens = await site.ca.getJoinTokens({});
  t.true(tokens.worker.includes(digest) && !oldTokens.worker.includes(digest));
  const { key, csr } = await makeKeyAndCsr();
  const request = { secret: parseToken(oldTokens.worker).secret, csr, nodeId: anyId(), hostname: 'late', address: '' };
  const withOldToken = await site.joiner(oldTokens.worker).client(Ca).join(request);
  t.is(withOldToken.authorityEpoch, epoch, 'a token of the old root lets in as long as that is trusted');
  t.is(await canCall(site, await site.keep(request.nodeId, identityFromReply(withOldToken, key))), 'answered');
  const newcomer = await site.join('worker');
  t.is(await canCall(site, newcomer), 'answered', 'a token of the new root lets in');
  await reportManager(site, epoch);
  t.is((await names()).length, 1, 'one is left to be waited for');

  const late2 = await renewed(site, late);
  await report(site, late2);
  await within(10_000, 'the end of the rotation', over(site));
  t.is((await site.ca.getAuthority({})).epoch, epoch + 1);
  await renewManager(site);
  const members = [early2, late2, newcomer];
  t.deepEqual(await Promise.all(members.map((it) => canCall(site, it))), ['answered', 'answered', 'answered']);
  t.deepEqual([await canCall(site, early), await canCall(site, operator)], ['UNAVAILABLE', 'UNAVAILABLE'], 'old certificates');
  t.is(
    await verdict(site.joiner(oldTokens.worker).client(Ca).join({ secret: '', csr: '', nodeId: '', hostname: '', address: '' })),
    'PERMISSION_DENIED digest',
  );
});

test('a root that was made elsewhere takes over in the same way', async (t) => {
  const site = await Site.start(t);
  const given = await anyRoot('elsewhere');
  const member = await site.join('worker');
  const { digest, epoch } = await site.ca.rotateAuthority({ ...begin, ...given });
  t.is(digest, certificateDigest(given.certificate));
  await renewManager(site);
  await reportManager(site, epoch);
  t.is(await canCall(site, member), 'answered');
  await report(site, await renewed(site, member));
  await within(10_000, 'the end of the rotation', over(site));
});

test('a certificate is renewed under a connection that stands', async (t) => {
  const site = await Site.start(t);
  const member = await site.join('worker');
  const stream = site.dispatcher(member.tls).session();
  await stream.send({ hello: hello(member) });
  const messages = stream[Symbol.asyncIterator]();
  t.truthy((await messages.next()).value?.welcome);
  await renewManager(site);
  const later = await renewed(site, member);
  await stream.send({ heartbeat: { sequence: 7, usage: [] } });
  const acknowledged = async (): Promise<number | undefined> => {
    for (;;) {
      const { value, done } = await messages.next();
      if (done === true) return undefined;
      if (value.heartbeatAck !== undefined) return value.heartbeatAck.sequence;
    }
  };
  t.is(await within(5_000, 'an answer on the old connection', acknowledged()), 7);
  t.is(await canCall(site, later), 'answered');
  stream.cancel();
});
