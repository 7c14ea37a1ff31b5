import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateDigest, identityFiles, readIdentity, writeIdentity } from '@tso/proto/pki';
import { loadTls } from '@tso/proto/rpc';
import test from 'ava';
import { realClock, realRandom } from '../testing/ports.ts';
import { makeRoot } from './authority.ts';
import { issueFirst, makeBootstrap } from './bootstrap.ts';
import { anyId, clusterId, randomBytes } from './testing/ca-site.ts';

const options = () => ({ clusterId, nodeId: anyId(), clock: realClock, random: realRandom });

test('a cluster is founded with an authority and the identity of its first manager, which open connections at once', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'tso-bootstrap-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const wanted = options();
  const { authority, identity } = await makeBootstrap(wanted);
  await writeIdentity(directory, identity);
  t.like(await loadTls(identityFiles(directory), Date.now()), {
    identity: { nodeId: wanted.nodeId, role: 'manager', cluster: clusterId },
  });
  t.like(await readIdentity(directory), {
    nodeId: wanted.nodeId,
    role: 'manager',
    clusterId,
    authorityEpoch: authority.epoch,
    sealed: false,
  });
  await writeIdentity(directory, await issueFirst(authority, wanted));
  t.is((await loadTls(identityFiles(directory), Date.now())).identity.nodeId, wanted.nodeId, 'the same authority gives it another one');
});

test('a cluster is founded with a root that was made elsewhere', async (t) => {
  const given = await makeRoot('elsewhere', randomBytes, Date.now());
  const { authority, identity } = await makeBootstrap({ ...options(), given });
  t.is(certificateDigest(authority.certificate), certificateDigest(given.certificate));
  t.is(identity.authorities, authority.certificate);
  await t.throwsAsync(makeBootstrap({ ...options(), given: { ...given, key: '' } }), { code: 'INVALID_ARGUMENT' });
});
