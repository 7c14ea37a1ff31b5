// Who shows a certificate that is not, or not any more, one of this cluster, gets nowhere.
import { readFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { parseHostPort } from '@tso/proto';
import { identityFiles } from '@tso/proto/pki';
import { Ca, Control, Managers } from '@tso/proto/rpc';
import test from 'ava';
import { within } from '../consensus/within.ts';
import { callOnce, everyMethod } from './every-method.ts';
import { anyRoot, certificateOf, dayMs } from './forged.ts';
import { anyId, type Member, Site, verdict } from './site.ts';

const clusterIdOf = async (site: Site): Promise<string> => (await site.control.getInfo({})).clusterId;

/** What each of the services that are worth the most says to it. */
const attempts = async (site: Site, { tls }: Member): Promise<readonly string[]> => {
  const channel = site.channel(tls);
  const options = { deadlineMs: 5_000 };
  return Promise.all([
    verdict(channel.client(Control).listNodes({}, options)),
    verdict(channel.client(Ca).getJoinTokens({}, options)),
    verdict(channel.client(Managers).listManagers({}, options)),
  ]);
};

const nowhere = ['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'];

test('a certificate that is in order is answered, which the refusals are measured by', async (t) => {
  const root = await anyRoot();
  const site = await Site.start(t, root);
  const clusterId = await clusterIdOf(site);
  const good = await site.keep('alice', await certificateOf(root, { name: 'alice', role: 'client', clusterId }));
  t.deepEqual(await attempts(site, good), ['answered', 'answered', 'answered']);
});

test('an expired certificate gets nowhere, for whatever role it was', async (t) => {
  const root = await anyRoot('example', Date.now() - 30 * dayMs);
  const site = await Site.start(t, root);
  const clusterId = await clusterIdOf(site);
  const atMs = Date.now() - 10 * dayMs;
  for (const role of ['client', 'manager', 'worker'] as const) {
    const expired = await certificateOf(root, { name: site.config.nodeId, role, clusterId }, { atMs });
    t.deepEqual(await attempts(site, await site.keep(`expired-${role}`, expired, atMs)), nowhere, role);
  }
});

test('a certificate of another authority gets nowhere, though it names the cluster, the node and the role', async (t) => {
  const site = await Site.start(t);
  const clusterId = await clusterIdOf(site);
  const genuine = await readFile(identityFiles(site.config.identityDir ?? '').ca, 'utf8');
  const forger = await anyRoot(clusterId);
  for (const role of ['client', 'manager'] as const) {
    const forged = await certificateOf(forger, { name: site.config.nodeId, role, clusterId });
    const member = await site.keep(`forged-${role}`, forged);
    // It trusts the true root as well, so that it is the manager who refuses.
    const ca = Buffer.concat([member.tls.ca, Buffer.from(genuine)]);
    t.deepEqual(await attempts(site, { ...member, tls: { ...member.tls, ca } }), nowhere, role);
  }
});

test('a certificate of the same authority for another cluster is refused', async (t) => {
  const root = await anyRoot();
  const site = await Site.start(t, root);
  const clusterId = await clusterIdOf(site);
  const other = await certificateOf(root, { name: 'alice', role: 'client', clusterId: 'other' });
  const member = await site.keep('other', other);
  // Its owner would not speak to this cluster either: it says that it is of this one.
  const tls = { ...member.tls, identity: { ...member.tls.identity, cluster: clusterId } };
  t.deepEqual(await attempts(site, { ...member, tls }), Array(3).fill('PERMISSION_DENIED cluster'));
});

test('a certificate of the right authority for a node that the cluster never heard of is refused', async (t) => {
  const root = await anyRoot();
  const site = await Site.start(t, root);
  const clusterId = await clusterIdOf(site);
  for (const role of ['worker', 'manager'] as const) {
    const stranger = await site.keep(`stranger-${role}`, await certificateOf(root, { name: anyId(), role, clusterId }));
    t.deepEqual(await attempts(site, stranger), Array(3).fill('PERMISSION_DENIED unknown'), role);
  }
});

test('a certificate that says manager opens no manager’s door for a node that is a worker', async (t) => {
  const root = await anyRoot();
  const site = await Site.start(t, root);
  const clusterId = await clusterIdOf(site);
  const worker = await site.join('worker');
  const forged = await site.keep('forged', await certificateOf(root, { name: worker.nodeId, role: 'manager', clusterId }));
  for (const entry of everyMethod.filter(({ method }) => method.roles.includes('manager') && !method.roles.includes('worker'))) {
    t.regex(await callOnce(site.channel(forged.tls), entry), /^PERMISSION_DENIED: .*the caller is worker$/, entry.method.path);
  }
});

/** The bytes that come back on a connection until it ends. */
const heardOn = async (socket: TLSSocket): Promise<Buffer> => {
  const heard: Buffer[] = [];
  socket.on('data', (data) => heard.push(data));
  socket.on('error', () => undefined);
  await within(5_000, 'the end of the connection', new Promise<void>((resolve) => socket.once('close', () => resolve())));
  return Buffer.concat(heard);
};

const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]);

test('without a certificate nobody hears a byte at the door for members', async (t) => {
  const site = await Site.start(t);
  const { host, port } = parseHostPort(site.address);
  const stranger = connect({ host, port, rejectUnauthorized: false, minVersion: 'TLSv1.3', ALPNProtocols: ['h2'] });
  stranger.write(preface);
  t.is((await heardOn(stranger)).length, 0);
  const heard: Buffer[] = [];
  const plain = connectTcp({ host, port });
  plain.on('data', (data) => heard.push(data));
  plain.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => plain.once('close', () => resolve()));
  plain.write(preface);
  await within(5_000, 'the end of the connection without TLS', ended);
  t.is(Buffer.concat(heard).length, 0);
  t.is(await verdict(site.control.getInfo({})), 'answered', 'others are served as before');
});

test('without a certificate nothing but joining exists at the door for joiners', async (t) => {
  const site = await Site.start(t);
  const before = await site.version();
  const { worker } = await site.ca.getJoinTokens({});
  const channel = site.joiner(worker);
  for (const entry of everyMethod.filter(({ method }) => !method.roles.includes('joiner'))) {
    t.regex(await callOnce(channel, entry), /^(UNIMPLEMENTED|PERMISSION_DENIED): /, entry.method.path);
  }
  t.is(await site.version(), before);
});
