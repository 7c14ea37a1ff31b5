// Who was a member and is not any more is refused at once, whatever certificate is still good and whatever connection still stands.
import { type AgentHello, NodeRole, newNode, TsoError } from '@tso/proto';
import { makeKeyAndCsr } from '@tso/proto/pki';
import { Ca, Control, Dispatcher, Managers } from '@tso/proto/rpc';
import test from 'ava';
import { within } from '../consensus/within.ts';
import { callOnce, methodsNotFor } from './every-method.ts';
import { Site, verdict } from './site.ts';

const hello = (nodeId: string): AgentHello => ({
  nodeId,
  description: newNode.description,
  haveVersion: 0,
  address: '',
  sessionEpoch: '',
  identity: { authorityEpoch: 1, role: NodeRole.WORKER },
});

test('an operator may do what operators may, until the certificate is revoked', async (t) => {
  const site = await Site.start(t);
  const [alice, bob] = [await site.operator('alice'), await site.operator('bob')];
  const channel = site.channel(alice.tls);
  t.is(await verdict(channel.client(Control).listNodes({})), 'answered');
  t.is(await verdict(channel.client(Managers).listManagers({})), 'answered');
  for (const entry of methodsNotFor('client')) {
    t.regex(await callOnce(channel, entry), /^PERMISSION_DENIED: .*the caller is client$/, entry.method.path);
  }
  await site.ca.revokeClient({ name: 'alice' });
  t.is(await verdict(channel.client(Control).listNodes({})), 'PERMISSION_DENIED revoked', 'over the connection that stood');
  t.is(await verdict(site.client(alice.tls, Ca).getJoinTokens({})), 'PERMISSION_DENIED revoked');
  t.is(await verdict(site.operator('alice')), 'FAILED_PRECONDITION revoked', 'nor is there another of that name');
  t.is(await verdict(site.client(bob.tls, Control).listNodes({})), 'answered');
});

test('a node that was removed is refused at once, and its session ends with the reason', async (t) => {
  const site = await Site.start(t);
  const [gone, other] = [await site.join('worker'), await site.join('worker')];
  const channel = site.channel(gone.tls);
  const stream = channel.client(Dispatcher).session();
  await stream.send({ hello: hello(gone.nodeId) });
  const messages = stream[Symbol.asyncIterator]();
  t.truthy((await messages.next()).value?.welcome);
  const ended = (async (): Promise<unknown> => {
    try {
      for (;;) if ((await messages.next()).done === true) return 'without a reason';
    } catch (error) {
      return error instanceof TsoError ? `${error.code} ${error.details.reason}` : error;
    }
  })();
  await site.control.removeNode({ node: gone.nodeId, force: true });
  t.is(await within(5_000, 'the end of the session', ended), 'PERMISSION_DENIED removed');
  const { csr } = await makeKeyAndCsr();
  t.is(await verdict(channel.client(Ca).renew({ csr })), 'PERMISSION_DENIED removed', 'over the connection that stood');
  t.is(await verdict(site.client(gone.tls, Ca).renew({ csr })), 'PERMISSION_DENIED removed');
  t.is(await verdict(site.client(other.tls, Ca).renew({ csr })), 'answered');
});

test('a node that was removed does not come back under its id, with the key that it had', async (t) => {
  const site = await Site.start(t);
  const gone = await site.join('worker');
  await site.control.removeNode({ node: gone.nodeId, force: true });
  t.is(await verdict(site.join('worker', gone.nodeId)), 'FAILED_PRECONDITION removed');
});
