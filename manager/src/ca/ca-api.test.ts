import { X509Certificate } from 'node:crypto';
import { type JoinClusterRequest, NodeRole, newNode, parseToken, parseUnlockKey, TsoError } from '@tso/proto';
import { certificateDigest, makeKeyAndCsr } from '@tso/proto/pki';
import test from 'ava';
import fc from 'fast-check';
import { LaggingMember } from '../testing/shared-log.ts';
import { makeRoot } from './authority.ts';
import { finishedRotation } from './rotation.ts';
import { anyId, asClient, asJoiner, asNode, CaSite, clusterId, keyDigestOf, randomBytes } from './testing/ca-site.ts';

const dayMs = 86_400_000;

const asking = async (more: Partial<JoinClusterRequest>): Promise<JoinClusterRequest> => ({
  secret: '',
  csr: (await makeKeyAndCsr()).csr,
  nodeId: anyId(),
  hostname: 'alpha',
  address: '',
  ...more,
});

const subjectOf = (certificate: string): object => ({ ...new X509Certificate(certificate).toLegacyObject().subject });

const reasonOf = async (run: Promise<unknown>): Promise<string> => {
  try {
    await run;
    return 'done';
  } catch (error) {
    if (!(error instanceof TsoError)) throw error;
    return `${error.code} ${error.details.reason ?? ''}`.trim();
  }
};

test('who shows the secret of a role becomes a node of that role, and is told what a node needs', async (t) => {
  const site = await CaSite.make();
  for (const role of [NodeRole.WORKER, NodeRole.MANAGER]) {
    const secret = role === NodeRole.MANAGER ? site.authority.managerSecret : site.authority.workerSecret;
    const request = await asking({ secret });
    const reply = await site.ca.join(request, asJoiner);
    const name = role === NodeRole.MANAGER ? 'manager' : 'worker';
    t.deepEqual(subjectOf(reply.certificate), { O: clusterId, OU: name, CN: request.nodeId });
    t.like(reply, {
      role,
      clusterId,
      authorityEpoch: 1,
      addressPool: '10.128.0.0/9',
      vxlanPort: 4789,
      address: '192.0.2.9',
      managers: [{ nodeId: 'm1', address: '192.0.2.1:2478' }],
    });
    t.like(site.node(request.nodeId), { role: NodeRole.WORKER, wantedRole: role, address: '192.0.2.9', authorityEpoch: 1 });
    t.is(site.node(request.nodeId)?.keyDigest, keyDigestOf(reply.certificate));
  }
});

test('a join is written with who asked, from where, and no secret', async (t) => {
  const site = await CaSite.make();
  const request = await asking({ secret: site.authority.workerSecret });
  await site.ca.join(request, asJoiner);
  const [entry] = site.log.entries.slice(-1);
  t.like(entry, {
    origin: 'ca',
    audit: { source: '192.0.2.9:50000', role: 'joiner', manager: 'm1', method: '/tso.v1.Ca/Join', target: `node ${request.nodeId}` },
  });
  t.false(JSON.stringify(entry).includes(request.secret));
});

test('nobody joins without the secret, and nothing is written', async (t) => {
  const site = await CaSite.make();
  const { workerSecret } = site.authority;
  const before = site.log.entries.length;
  for (const secret of ['', 'guess', workerSecret.slice(1), `${workerSecret} `, workerSecret.toUpperCase()]) {
    t.is(await reasonOf(site.ca.join(await asking({ secret }), asJoiner)), 'PERMISSION_DENIED token', secret);
  }
  t.is(await reasonOf(site.ca.join(await asking({ secret: 'guess', csr: 'nonsense', nodeId: '' }), asJoiner)), 'PERMISSION_DENIED token');
  t.is(site.log.entries.length, before);
});

test('a token that was rotated is refused from then on, by every manager, and the new one is good', async (t) => {
  const site = await CaSite.make();
  const others = [site.manager(new LaggingMember(site.log)), site.manager(new LaggingMember(site.log))];
  const old = site.authority.workerSecret;
  const { worker, manager } = await site.ca.rotateJoinToken({ role: NodeRole.WORKER }, asClient);
  for (const ca of [site.ca, ...others]) {
    t.is(await reasonOf(ca.join(await asking({ secret: old }), asJoiner)), 'PERMISSION_DENIED token');
    t.is(await reasonOf(ca.join(await asking({ secret: parseToken(worker).secret }), asJoiner)), 'done');
  }
  t.is(parseToken(manager).secret, site.authority.managerSecret, 'the other role keeps its own');
  t.like(
    site.log.entries.find(({ audit }) => audit?.method === '/tso.v1.Ca/RotateJoinToken'),
    { audit: { actor: 'alice', role: 'client', source: 'socket', target: 'join token of workers' } },
  );
});

test('a token names the root that signs', async (t) => {
  const site = await CaSite.make();
  const first = await site.ca.getJoinTokens({}, asClient);
  t.is(parseToken(first.worker).digest, certificateDigest(site.authority.certificate));
  t.deepEqual(first.managers, [{ nodeId: 'm1', address: '192.0.2.1:2478' }]);
  await site.ca.rotateAuthority({ certificate: '', key: '', viewOnly: false, certificateLifeMs: 0 }, asClient);
  const second = await site.ca.getJoinTokens({}, asClient);
  t.is(parseToken(second.worker).digest, certificateDigest(site.authority.certificate));
  t.not(second.worker, first.worker);
});

test('an answer that was lost is asked for again with the same key; another key does not get the name', async (t) => {
  const site = await CaSite.make();
  const request = await asking({ secret: site.authority.workerSecret });
  await site.ca.join(request, asJoiner);
  const written = site.log.entries.length;
  t.deepEqual(subjectOf((await site.ca.join(request, asJoiner)).certificate), { O: clusterId, OU: 'worker', CN: request.nodeId });
  t.is(site.log.entries.length, written, 'nothing is new');
  const other = await asking({ secret: site.authority.workerSecret, nodeId: request.nodeId });
  t.is(await reasonOf(site.ca.join(other, asJoiner)), 'ALREADY_EXISTS other-key');
});

const relabelled = (pem: string, label: string): string => pem.replaceAll('CERTIFICATE REQUEST', label);

/** The request of somebody else's key, with a signature that nobody made. */
const unsigned = (csr: string): string => {
  const der = Buffer.from(csr.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  der.fill(0x41, der.length - 60);
  return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
};

test('a request that shows one key and is signed with another gets no certificate of a node, and no office with it', async (t) => {
  const site = await CaSite.make();
  const victim = await asking({ secret: site.authority.managerSecret });
  await site.ca.join(victim, asJoiner);
  const own = (await makeKeyAndCsr()).csr;
  const forged = [
    relabelled(own, 'X') + victim.csr,
    relabelled(own, 'X') + unsigned(victim.csr),
    own + victim.csr,
    victim.csr + own,
    relabelled(victim.csr, 'NEW CERTIFICATE REQUEST') + own,
    `${own.trim()} ${victim.csr}`,
    unsigned(victim.csr),
    relabelled(own, 'CERTIFICATE'),
    `some words\n${own}`,
    own + own,
  ];
  for (const csr of forged) {
    const joining = site.ca.join({ ...victim, secret: site.authority.workerSecret, csr }, asJoiner);
    t.regex(await reasonOf(joining), /^INVALID_ARGUMENT csr-(unreadable|signature)$/, csr);
    t.regex(await reasonOf(site.ca.renew({ csr }, asNode(victim.nodeId))), /^INVALID_ARGUMENT csr-(unreadable|signature)$/, csr);
    t.regex(
      await reasonOf(site.ca.issueClient({ name: 'bob', csr, lifeMs: 0 }, asClient)),
      /^INVALID_ARGUMENT csr-(unreadable|signature)$/,
      csr,
    );
  }
  t.is(await reasonOf(site.ca.join({ ...victim, csr: own }, asJoiner)), 'ALREADY_EXISTS other-key');
});

test('of two that claim one id at once one gets it', async (t) => {
  const site = await CaSite.make();
  const nodeId = anyId();
  const { workerSecret: secret } = site.authority;
  const [one, two] = [site.manager(new LaggingMember(site.log)), site.manager(new LaggingMember(site.log))];
  const verdicts = await Promise.all([
    reasonOf(one.join(await asking({ secret, nodeId }), asJoiner)),
    reasonOf(two.join(await asking({ secret, nodeId }), asJoiner)),
  ]);
  t.deepEqual(verdicts.sort(), ['ALREADY_EXISTS other-key', 'done']);
});

test('a rotation that begins while somebody joins gives the joiner the new root', async (t) => {
  const site = await CaSite.make();
  const member = new LaggingMember(site.log);
  const joining = site.manager(member);
  const hold = Promise.withResolvers<void>();
  member.hold = hold.promise;
  const reply = joining.join(await asking({ secret: site.authority.workerSecret }), asJoiner);
  while (member.proposed.length === 0) await new Promise(setImmediate);
  await site.ca.rotateAuthority({ certificate: '', key: '', viewOnly: false, certificateLifeMs: 0 }, asClient);
  hold.resolve();
  t.is((await reply).authorityEpoch, 2);
  t.is((await site.ca.getAuthority({}, asClient)).waitingFor.length, 0, 'the newcomer holds up nothing');
});

test('whatever a joiner with a good token says of itself, it joins or is told what is wrong with it', async (t) => {
  const site = await CaSite.make();
  const secret = site.authority.workerSecret;
  const { csr } = await makeKeyAndCsr();
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom('', '192.0.2.1:1', 'a'.repeat(25), '::1', '[', ':'));
  const said = fc.record({
    csr: fc.oneof(
      text,
      fc.constant(csr),
      fc.nat(csr.length).map((at) => csr.slice(0, at) + csr.slice(at + 1)),
    ),
    nodeId: fc.oneof(text, fc.constant(anyId()), fc.constant('m1')),
    hostname: text,
    address: text,
  });
  await fc.assert(
    fc.asyncProperty(said, async (request) => {
      t.regex(
        await reasonOf(site.ca.join({ secret, ...request }, asJoiner)),
        /^(done|INVALID_ARGUMENT \S+|INVALID_ARGUMENT|ALREADY_EXISTS other-key)$/,
      );
    }),
    { numRuns: 200 },
  );
  t.true(site.log.tables.nodes().every(({ id, address }) => /^[0-9a-z]{25}$/.test(id) && !/\s/.test(address)));
});

test('a node that left does not come back under its name, not even once it is forgotten', async (t) => {
  const site = await CaSite.make();
  const request = await asking({ secret: site.authority.workerSecret });
  await site.ca.join(request, asJoiner);
  await site.ca.leave({}, asNode(request.nodeId));
  t.true(site.node(request.nodeId)?.removing);
  t.is(await reasonOf(site.ca.join(request, asJoiner)), 'FAILED_PRECONDITION removed');
  t.is(await reasonOf(site.ca.renew({ csr: request.csr }, asNode(request.nodeId))), 'PERMISSION_DENIED removed');
  site.write([{ remove: { kind: 'node', id: request.nodeId } }]);
  t.is(await reasonOf(site.ca.join(request, asJoiner)), 'FAILED_PRECONDITION removed');
  t.like(site.authority.revoked, [{ name: request.nodeId, role: 'node' }]);
});

test('a node renews for itself, in the role that the cluster wishes it to have', async (t) => {
  const site = await CaSite.make();
  const roles: readonly (readonly [NodeRole, NodeRole, string])[] = [
    [NodeRole.WORKER, NodeRole.WORKER, 'worker'],
    [NodeRole.WORKER, NodeRole.MANAGER, 'manager'],
    [NodeRole.MANAGER, NodeRole.MANAGER, 'manager'],
    [NodeRole.MANAGER, NodeRole.WORKER, 'manager'],
  ];
  const { csr } = await makeKeyAndCsr();
  for (const [role, wantedRole, expected] of roles) {
    site.putNode('n1', { role, wantedRole });
    const reply = await site.ca.renew({ csr }, asNode('n1'));
    t.deepEqual(subjectOf(reply.certificate), { O: clusterId, OU: expected, CN: 'n1' });
    t.is(reply.role, expected === 'manager' ? NodeRole.MANAGER : NodeRole.WORKER);
  }
  t.is(await reasonOf(site.ca.renew({ csr }, asNode('n2'))), 'PERMISSION_DENIED unknown');
});

test('on the socket it is the agent of this manager’s own node that renews', async (t) => {
  const site = await CaSite.make();
  site.putNode('m1', { role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER });
  const { certificate } = await site.ca.renew({ csr: (await makeKeyAndCsr()).csr }, asClient);
  t.deepEqual(subjectOf(certificate), { O: clusterId, OU: 'manager', CN: 'm1' });
});

test('a worker leaves; a manager is told to be demoted first', async (t) => {
  const site = await CaSite.make();
  site.putNode('n1');
  site.putNode('m2', { role: NodeRole.MANAGER, description: { ...newNode.description, hostname: 'beta' } });
  await site.ca.leave({}, asNode('n1'));
  t.true(site.node('n1')?.removing);
  const refusal = await t.throwsAsync(site.ca.leave({}, asNode('m2', 'manager')), { instanceOf: TsoError, code: 'FAILED_PRECONDITION' });
  t.regex(refusal.sentence, /node beta is a manager.*tso node demote beta/);
  t.false(site.node('m2')?.removing);
});

test('an operator from elsewhere gets a certificate of that name, for a year at first, and the audit log has it', async (t) => {
  const site = await CaSite.make();
  const { csr } = await makeKeyAndCsr();
  const reply = await site.ca.issueClient({ name: 'bob', csr, lifeMs: 0 }, asClient);
  t.deepEqual(subjectOf(reply.certificate), { O: clusterId, OU: 'client', CN: 'bob' });
  t.true(Math.abs(reply.notAfterMs - site.clock.now() - 365 * dayMs) <= 1_000);
  t.like(site.log.entries.at(-1), { actions: [], audit: { actor: 'alice', method: '/tso.v1.Ca/IssueClient', target: 'client bob' } });
  t.is(await reasonOf(site.ca.issueClient({ name: 'bob', csr, lifeMs: 10 * 365 * dayMs }, asClient)), 'INVALID_ARGUMENT life');
  t.is(await reasonOf(site.ca.issueClient({ name: 'bob smith', csr, lifeMs: 0 }, asClient)), 'INVALID_ARGUMENT client-name');
});

test('a revoked name is refused for as long as a certificate of it could last, and cannot be had again', async (t) => {
  const site = await CaSite.make();
  const { csr } = await makeKeyAndCsr();
  await site.ca.revokeClient({ name: 'bob' }, asClient);
  t.like(site.authority.revoked, [{ name: 'bob', role: 'client' }]);
  t.is(await reasonOf(site.ca.issueClient({ name: 'bob', csr, lifeMs: 0 }, asClient)), 'FAILED_PRECONDITION revoked');
  site.clock.advance(6 * 365 * dayMs);
  await site.ca.revokeClient({ name: 'carol' }, asClient);
  t.deepEqual(
    site.authority.revoked.map(({ name }) => name),
    ['carol'],
    'what is past is forgotten',
  );
});

test('a rotation begins once, goes on when asked again, and says for whom it waits', async (t) => {
  const site = await CaSite.make();
  const before = site.authority;
  site.putNode('n1', { authorityEpoch: 1, description: { ...newNode.description, hostname: 'alpha' } });
  const wish = { certificate: '', key: '', viewOnly: false, certificateLifeMs: 0 };
  const begun = await site.ca.rotateAuthority(wish, asClient);
  t.like(begun, { epoch: 2, rotating: true, waitingFor: ['alpha'] });
  t.is(begun.certificates, site.authority.certificate + before.certificate);
  t.is((await site.ca.rotateAuthority(wish, asClient)).epoch, 2, 'it is the same rotation');
  t.is((await site.ca.rotateAuthority({ ...wish, viewOnly: true }, asClient)).epoch, 2);
  const given = await makeRoot(clusterId, randomBytes, site.clock.now());
  t.is(await reasonOf(site.ca.rotateAuthority({ ...wish, ...given }, asClient)), 'CONFLICT rotating');
  const { authorityEpoch, authorities } = await site.ca.renew({ csr: (await makeKeyAndCsr()).csr }, asNode('n1'));
  t.is(authorityEpoch, 2);
  t.is(authorities, begun.certificates);
});

test('a root made elsewhere takes the place of the own one', async (t) => {
  const site = await CaSite.make();
  const given = await makeRoot('elsewhere', randomBytes, site.clock.now());
  const wish = { ...given, viewOnly: false, certificateLifeMs: 0 };
  t.is((await site.ca.rotateAuthority(wish, asClient)).digest, certificateDigest(given.certificate));
  t.is((await site.ca.rotateAuthority(wish, asClient)).epoch, 2, 'the same one again is the same rotation');
  site.write([{ putAuthority: finishedRotation(site.authority) }]);
  t.is(await reasonOf(site.ca.rotateAuthority({ ...wish, key: 'nonsense' }, asClient)), 'INVALID_ARGUMENT not-a-key');
  t.is(await reasonOf(site.ca.rotateAuthority(wish, asClient)), 'INVALID_ARGUMENT same-name');
});

test('how long certificates last can be changed without another root', async (t) => {
  const site = await CaSite.make();
  const view = await site.ca.rotateAuthority({ certificate: '', key: '', viewOnly: true, certificateLifeMs: 2 * dayMs }, asClient);
  t.like(view, { epoch: 1, rotating: false, certificateLifeMs: 2 * dayMs });
  const reply = await site.ca.join(await asking({ secret: site.authority.workerSecret }), asJoiner);
  t.true(Math.abs(reply.notAfterMs - site.clock.now() - 2 * dayMs) <= 1_000);
  const wish = { certificate: '', key: '', viewOnly: true, certificateLifeMs: 1_000 };
  t.is(await reasonOf(site.ca.rotateAuthority(wish, asClient)), 'INVALID_ARGUMENT life');
});

test('the unlock key is made, shown, replaced and taken away', async (t) => {
  const site = await CaSite.make();
  t.is((await site.ca.getUnlockKey({}, asClient)).key, '');
  const { key } = await site.ca.setAutolock({ enabled: true, rotate: false }, asClient);
  t.is(parseUnlockKey(key).length, 32);
  t.is((await site.ca.getUnlockKey({}, asClient)).key, key);
  t.is((await site.ca.setAutolock({ enabled: true, rotate: false }, asClient)).key, key);
  const { key: next } = await site.ca.setAutolock({ enabled: true, rotate: true }, asClient);
  t.not(next, key);
  t.false(JSON.stringify(site.log.entries.map(({ audit }) => audit)).includes(next));
  t.is((await site.ca.setAutolock({ enabled: false, rotate: false }, asClient)).key, '');
});

test('what an operator reads holds no key of the authority and no secret', async (t) => {
  const site = await CaSite.make();
  const { certificate: _, key, workerSecret } = site.authority;
  const secret = key.split('\n')[1] ?? '';
  t.true(secret.length > 40);
  const text = JSON.stringify([await site.ca.getAuthority({}, asClient), await site.ca.revokeClient({ name: 'x' }, asClient)]);
  t.false(text.includes(secret) || text.includes(workerSecret));
});

test('a cluster whose certificates are made elsewhere says so', async (t) => {
  const site = await CaSite.make();
  site.write([{ remove: { kind: 'authority', id: 'authority' } }]);
  t.is(await reasonOf(Promise.resolve().then(() => site.ca.getJoinTokens({}, asClient))), 'FAILED_PRECONDITION');
  t.is(await reasonOf(site.ca.join(await asking({ secret: '' }), asJoiner)), 'FAILED_PRECONDITION');
});
