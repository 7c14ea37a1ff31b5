import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatUnlockKey } from '@tso/proto';
import test from 'ava';
import { UnlockKey } from '../identity/unlock-key.ts';
import { defaultDriverOptions } from '../raft/io/driver-options.ts';
import { realClock, realRandom, silentLogger } from '../testing/ports.ts';
import { openDisk, type ReplicationOptions } from './open-disk.ts';

const keyBytes = new Uint8Array(32).fill(7);
const ports = { clock: realClock, random: realRandom, logger: silentLogger };

test('a new cluster that is made of a locked log is locked from its first byte, with the same key', async (t) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'tso-open-disk-'));
  t.teardown(() => rm(stateDir, { recursive: true, force: true }));
  const unlockKey = new UnlockKey(() => t.fail('the key was told'));
  const options: ReplicationOptions = {
    stateDir,
    nodeId: 'n1',
    peerDoor: undefined,
    join: undefined,
    tls: undefined,
    forceNewCluster: false,
    driver: defaultDriverOptions,
    lockPatienceMs: 1_000,
    unlockKey,
  };
  const first = await openDisk(options, ports);
  await first.lock(keyBytes);
  await first.close();
  unlockKey.tell(formatUnlockKey(keyBytes));
  const anew = await openDisk({ ...options, forceNewCluster: true }, ports);
  t.true(anew.isLocked);
  t.not(anew.identity.groupId, first.identity.groupId);
  await anew.close();
  t.is((await readdir(stateDir)).filter((name) => name.startsWith('raft.before-')).length, 1, 'the old log is kept beside');
});
