import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { emptyMeta, encode, formatUnlockKey, NodeRole, parseUnlockKey, type StoreAction } from '@tso/proto';
import { systemClock, systemRandom } from '@tso/proto/system';
import test, { type ExecutionContext } from 'ava';
import { isLocked } from '../identity/unlock-key.ts';
import { defaultDiskOptions, openLog } from '../raft/io/index.ts';
import { logDirectoryOf } from '../replication/log-directory.ts';
import { StoreMachine } from '../replication/store-machine.ts';
import { silentLogger } from '../testing/ports.ts';
import { authorityWith, nodeNamed } from '../testing/specs.ts';
import { beginRestored } from './begin-restored.ts';
import { backupBytes, readBackup } from './format.ts';
import { restoreFrom } from './restore.ts';

const header = { clusterId: 'c1', index: 7, createdAtMs: 1_000, version: '0.1.0' };
const cluster = { id: 'c1', meta: emptyMeta, addressPool: '10.0.0.0/8', subnetPrefix: 24, firstVni: 1, vxlanPort: 4789 };
const manager = (raftId: number, nodeId: string) => ({
  id: String(raftId),
  meta: emptyMeta,
  raftId,
  nodeId,
  address: `${nodeId}:2478`,
  wantsVote: true,
  removed: false,
});

const machineWith = (actions: readonly StoreAction[]): StoreMachine => {
  const machine = new StoreMachine();
  machine.apply(7, encode('Transaction', { actions, expect: [], atMs: 5, origin: 'test' }));
  return machine;
};

const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
};

const inPieces = async function* (bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
};

const backupOf = (machine: StoreMachine): Promise<Buffer> => collect(backupBytes(header, machine.capture()));

const inFile = async (t: ExecutionContext, bytes: Uint8Array): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-backup-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'b');
  await writeFile(file, bytes);
  return file;
};

test('a backup is read as it was written, however its bytes are cut', async (t) => {
  const bytes = await backupOf(machineWith([{ putCluster: cluster }, { putNode: nodeNamed('a') }]));
  for (const size of [1, 3, 64, bytes.length]) {
    const { header: read, contents } = await readBackup(inPieces(bytes, size));
    t.deepEqual(read, header);
    const machine = new StoreMachine();
    await machine.restore(read.index, contents);
    t.is(machine.view.node('a')?.description.hostname, 'a');
  }
});

test('a backup that is cut anywhere, altered or continued is refused', async (t) => {
  const bytes = await backupOf(machineWith([{ putCluster: cluster }]));
  const read = async (altered: Uint8Array): Promise<void> => {
    const { contents } = await readBackup(inPieces(altered, 50));
    await collect(contents);
  };
  for (let length = 0; length < bytes.length; length++) await t.throwsAsync(read(bytes.subarray(0, length)), { code: 'DATA_LOSS' });
  await t.throwsAsync(read(Buffer.concat([bytes, Buffer.from('x')])), { message: /something follows its end/ });
  const turned = Buffer.from(bytes);
  const at = bytes.indexOf('\n', 20) + 8;
  turned.writeUInt8((turned.readUInt8(at) ^ 1) & 0xff, at);
  await t.throwsAsync(read(turned), { message: /checksum/ });
  await t.throwsAsync(read(Buffer.from('tso-backup 9\n{}\n')), { code: 'FAILED_PRECONDITION', message: /does not know/ });
  await t.throwsAsync(read(Buffer.from('PK\n')), { message: /not a backup/ });
});

test('a restored cluster has one manager under a new id, and its former managers are workers', async (t) => {
  const both = { role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER };
  const machine = machineWith([
    { putCluster: cluster },
    { putManager: manager(1, 'a') },
    { putManager: manager(4, 'b') },
    { putNode: nodeNamed('a', both) },
    { putNode: nodeNamed('b', both) },
  ]);
  const file = await inFile(t, await backupOf(machine));
  const restored = await restoreFrom(file, { nodeId: 'z', address: 'z:2478', nowMs: 9 });
  const { view } = restored.machine;
  t.is(restored.raftId, 5);
  t.is(view.index, 8);
  t.deepEqual(
    view.managers().map(({ raftId, removed }) => [raftId, removed]),
    [
      [1, true],
      [4, true],
      [5, false],
    ],
  );
  t.deepEqual(
    view.nodes().map(({ id, role }) => [id, role]),
    [
      ['a', NodeRole.WORKER],
      ['b', NodeRole.WORKER],
      ['z', NodeRole.MANAGER],
    ],
  );
});

test('a node that was to be removed when the backup was made is not, once it restores it', async (t) => {
  const leaving = nodeNamed('a', { role: NodeRole.MANAGER, wantedRole: NodeRole.MANAGER, removing: true });
  const machine = machineWith([{ putCluster: cluster }, { putManager: manager(1, 'a') }, { putNode: leaving }]);
  const restored = await restoreFrom(await inFile(t, await backupOf(machine)), { nodeId: 'a', address: 'a:2478', nowMs: 9 });
  t.like(restored.machine.view.node('a'), { removing: false, role: NodeRole.MANAGER });
});

test('a backup without a cluster, and a file that is not there, are refused with a sentence', async (t) => {
  const self = { nodeId: 'z', address: '', nowMs: 9 };
  const empty = await inFile(t, await backupOf(machineWith([{ putNode: nodeNamed('a') }])));
  await t.throwsAsync(restoreFrom(empty, self), { code: 'FAILED_PRECONDITION', message: /has no cluster in it/ });
  await t.throwsAsync(restoreFrom('/nonexistent/backup', self), { code: 'NOT_FOUND', message: /cannot be read/ });
});

test('what is restored of a cluster that locks its managers is locked from its first byte on', async (t) => {
  const unlockKey = formatUnlockKey(new Uint8Array(32).fill(7));
  const machine = machineWith([{ putCluster: cluster }, { putNode: nodeNamed('a') }, { putAuthority: authorityWith({ unlockKey }) }]);
  const file = await inFile(t, await backupOf(machine));
  const stateDir = join(dirname(file), 'state');
  const ports = { clock: systemClock, random: systemRandom, logger: silentLogger };
  const options = { file, stateDir, nodeId: 'a', address: '', lockPatienceMs: 0 };
  t.is(await beginRestored(options, { ...ports, issue: async () => undefined }), unlockKey);
  const open = (key: object) => openLog(logDirectoryOf(stateDir), { ...defaultDiskOptions, lockPatienceMs: 0, ...key }, ports);
  t.true(isLocked(await t.throwsAsync(open({}))));
  const log = await open({ keyEncryptionKey: parseUnlockKey(unlockKey) });
  t.true(log.isLocked);
  await log.close();
});
