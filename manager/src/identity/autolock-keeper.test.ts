import { type Authority, formatUnlockKey, type LogFields, type Logger, parseUnlockKey } from '@tso/proto';
import test from 'ava';
import type { LeftAside } from '../replication/aside-logs.ts';
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

class WarnedLogger implements Logger {
  readonly warned: LogFields[] = [];
  debug(): void {}
  info(): void {}
  error(): void {}
  warn(fields: LogFields): void {
    this.warned.push(fields);
  }
  child(): Logger {
    return this;
  }
}

const keeper = () => {
  const proposer = new LaggingMember(new SharedLog());
  const disk = new LockedDisk();
  const told: string[] = [];
  const aside: LeftAside[] = [];
  const logger = new WarnedLogger();
  const unlockKey = new UnlockKey(() => undefined);
  const decide = (key: string) => proposer.propose({ actions: [{ putAuthority: authority(key) }], expect: [], atMs: 1, origin: 'test' });
  const relockAside = async (key: string | undefined): Promise<readonly LeftAside[]> => {
    disk.did.push(`aside ${key === undefined ? 'open' : parseUnlockKey(key)[0]}`);
    return aside;
  };
  const ports = { proposer, disk, relockAside, unlockKey, tellAgent: (key: string) => told.push(key), logger };
  return { aside, warned: logger.warned, disk, told, unlockKey, decide, keeper: new AutolockKeeper(ports) };
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
    it.disk.did.slice(it.disk.did.indexOf('aside 1')),
    ['aside 1', 'lock 1', 'aside 2', 'lock 2', 'aside open', 'unlock'],
    'what is aside goes first: after a crash one key opens all',
  );
  t.is(it.unlockKey.text, undefined);
  await it.keeper.stop();
});

test('a manager that was opened with the key of the cluster leaves its state as it is', async (t) => {
  const it = keeper();
  await it.disk.lock(parseUnlockKey(keyOf(1)));
  it.unlockKey.change(keyOf(1));
  await it.decide(keyOf(1));
  await it.keeper.start();
  await until(() => it.told.length > 0);
  t.deepEqual([it.disk.did, it.told], [['lock 1', 'aside 1'], [keyOf(1)]]);
  await it.keeper.stop();
});

test('an earlier log that cannot be locked anew is named, and keeps nothing else from being locked', async (t) => {
  const it = keeper();
  it.aside.push({ path: '/state/raft.before-x', why: 'it is locked with another key' });
  await it.decide(keyOf(1));
  await it.keeper.start();
  await until(() => it.told.length > 0);
  t.deepEqual(it.disk.did, ['aside 1', 'lock 1']);
  t.deepEqual(it.warned, [{ path: '/state/raft.before-x', why: 'it is locked with another key' }]);
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
