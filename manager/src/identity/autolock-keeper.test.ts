import { type Authority, formatUnlockKey, parseUnlockKey } from '@tso/proto';
import test from 'ava';
import { silentLogger } from '../testing/ports.ts';
import { LaggingMember, SharedLog } from '../testing/shared-log.ts';
import { authorityWith } from '../testing/specs.ts';
import { AutolockKeeper } from './autolock-keeper.ts';
import { UnlockKey } from './unlock-key.ts';

const keyOf = (byte: number): string => formatUnlockKey(new Uint8Array(32).fill(byte));

const authority = (unlockKey: string): Authority => authorityWith({ unlockKey });

/** A disk that remembers what it is locked with. */
class LockedDisk {
  readonly did: string[] = [];
  isLocked = false;

  async lock(key: Uint8Array): Promise<void> {
    this.isLocked = true;
    this.did.push(`lock ${key[0]}`);
  }
  async unlock(): Promise<void> {
    this.isLocked = false;
    this.did.push('unlock');
  }
}

const keeper = () => {
  const proposer = new LaggingMember(new SharedLog());
  const disk = new LockedDisk();
  const told: string[] = [];
  const unlockKey = new UnlockKey(() => undefined);
  const decide = (key: string) => proposer.propose({ actions: [{ putAuthority: authority(key) }], expect: [], atMs: 1, origin: 'test' });
  const ports = { proposer, disk, unlockKey, tellAgent: (key: string) => told.push(key), logger: silentLogger };
  return { disk, told, unlockKey, decide, keeper: new AutolockKeeper(ports) };
};

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise(setImmediate);
};

test('a manager locks its state with the key that the cluster decides on, changes it, and unlocks it', async (t) => {
  const it = keeper();
  await it.decide('');
  await it.keeper.start();
  await it.decide(keyOf(1));
  await until(() => it.told.at(-1) === keyOf(1));
  t.is(it.unlockKey.text, keyOf(1), 'its next start opens with it');
  await it.decide(keyOf(2));
  await until(() => it.told.at(-1) === keyOf(2));
  await it.decide('');
  await until(() => it.told.at(-1) === '' && it.told.length > 2);
  t.deepEqual(
    it.disk.did.filter((done, at) => !(at === 0 && done === 'unlock')),
    ['lock 1', 'lock 2', 'unlock'],
  );
  t.is(it.unlockKey.text, undefined);
  await it.keeper.stop();
});

test('a manager that was opened with the key of the cluster leaves its state as it is', async (t) => {
  const it = keeper();
  await it.disk.lock(parseUnlockKey(keyOf(1)));
  it.unlockKey.tell(keyOf(1));
  await it.decide(keyOf(1));
  await it.keeper.start();
  await until(() => it.told.length > 0);
  t.deepEqual([it.disk.did, it.told], [['lock 1'], [keyOf(1)]]);
  await it.keeper.stop();
});

test('a manager that knows nothing of the cluster yet keeps its lock', async (t) => {
  const it = keeper();
  it.disk.isLocked = true;
  await it.keeper.start();
  await new Promise(setImmediate);
  t.deepEqual([it.disk.did, it.told], [[], []]);
  await it.keeper.stop();
});
