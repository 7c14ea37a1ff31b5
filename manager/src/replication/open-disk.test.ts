import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatUnlockKey } from '@tso/proto';
import { Raft, RpcServer } from '@tso/proto/rpc';
import test from 'ava';
import { UnlockKey } from '../identity/unlock-key.ts';
import { defaultDriverOptions } from '../raft/io/driver-options.ts';
import { realClock, realRandom, silentLogger } from '../testing/ports.ts';
import { openDisk, type ReplicationOptions } from './open-disk.ts';

const keyBytes = new Uint8Array(32).fill(7);
const ports = { clock: realClock, random: realRandom, logger: silentLogger };

const optionsFor = (stateDir: string, unlockKey: UnlockKey): ReplicationOptions => ({
  stateDir,
  nodeId: 'n1',
  peerDoor: undefined,
  join: undefined,
  tls: undefined,
  forceNewCluster: false,
  driver: defaultDriverOptions,
  lockPatienceMs: 1_000,
  unlockKey,
});

test('who joins a group is told of whom it consists, and who opens its log again is not', async (t) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'tso-open-disk-'));
  t.teardown(() => rm(stateDir, { recursive: true, force: true }));
  const through = `unix:${join(stateDir, 'a.sock')}`;
  const server = new RpcServer({ address: through, authenticate: () => ['manager'], logger: silentLogger });
  const peers = ['a', 'n1'].map((nodeId, index) => ({ raftId: index + 1, nodeId, address: `unix:/${nodeId}` }));
  server.add({ join: Raft.join }, { join: async () => ({ groupId: 'g', raftId: 2, peers }) });
  await server.start();
  t.teardown(() => server.stop(0));
  const options = {
    ...optionsFor(join(stateDir, 'state'), new UnlockKey(() => t.fail('the key was told'))),
    peerDoor: { listen: 'unix:/n1', address: 'unix:/n1' },
    join: through,
  };
  const { disk, named } = await openDisk(options, ports);
  t.deepEqual([...(named ?? [])], ['a', 'n1']);
  await disk.close();
  const again = await openDisk(options, ports);
  t.is(again.named, undefined);
  await again.disk.close();
});

test('a new cluster that is made of a locked log is locked from its first byte, with the same key', async (t) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'tso-open-disk-'));
  t.teardown(() => rm(stateDir, { recursive: true, force: true }));
  const unlockKey = new UnlockKey(() => t.fail('the key was told'));
  const options = optionsFor(stateDir, unlockKey);
  const { disk: first } = await openDisk(options, ports);
  await first.lock(keyBytes);
  await first.close();
  unlockKey.tell(formatUnlockKey(keyBytes));
  const { disk: anew } = await openDisk({ ...options, forceNewCluster: true }, ports);
  t.true(anew.isLocked);
  t.not(anew.identity.groupId, first.identity.groupId);
  await anew.close();
  t.is((await readdir(stateDir)).filter((name) => name.startsWith('raft.before-')).length, 1, 'the old log is kept beside');
});
