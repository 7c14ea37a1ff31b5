import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatUnlockKey, parseUnlockKey } from '@tso/proto';
import { readIdentity, resealIdentity, writeIdentity } from '@tso/proto/pki';
import test, { type ExecutionContext } from 'ava';
import { makeBootstrap } from '../ca/bootstrap.ts';
import { emptyConfState } from '../raft/core/index.ts';
import { defaultDriverOptions } from '../raft/io/driver-options.ts';
import { createLog, defaultDiskOptions } from '../raft/io/index.ts';
import { relockAsideLogs } from '../replication/aside-logs.ts';
import { openDisk } from '../replication/open-disk.ts';
import { StoreMachine } from '../replication/store-machine.ts';
import { realClock, realRandom, silentLogger } from '../testing/ports.ts';
import { LaggingMember, SharedLog } from '../testing/shared-log.ts';
import { authorityWith } from '../testing/specs.ts';
import { AutolockKeeper } from './autolock-keeper.ts';
import { loadOwnTls } from './own-tls.ts';
import { UnlockKey } from './unlock-key.ts';

/** What a manager and the agent of its node have on disk, over lives that end in the middle of a change of the unlock key. */

const ports = { clock: realClock, random: realRandom, logger: silentLogger };
const keyOf = (byte: number): string => formatUnlockKey(new Uint8Array(32).fill(byte));
const [first, second] = [keyOf(1), keyOf(2)];
const nodeId = 'n1';

interface Place {
  readonly stateDir: string;
  readonly identityDir: string;
}

const makePlace = async (t: ExecutionContext, key: string): Promise<Place> => {
  const root = await mkdtemp(join(tmpdir(), 'tso-autolock-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const [stateDir, identityDir] = [join(root, 'state'), join(root, 'identity')];
  const { identity } = await makeBootstrap({ clusterId: 'c1', nodeId, ...ports });
  await writeIdentity(identityDir, identity, key === '' ? {} : { passphrase: key });
  for (const name of ['raft', 'raft.before-a']) {
    const bootstrap = { index: 1, term: 1, confState: { ...emptyConfState, voters: [1] }, contents: new StoreMachine().capture() };
    const options = { ...defaultDiskOptions, ...(key === '' ? {} : { keyEncryptionKey: parseUnlockKey(key) }) };
    await (await createLog(join(stateDir, name), { groupId: name, raftId: 1, nodeId }, bootstrap, options, ports)).close();
  }
  return { stateDir, identityDir };
};

/** The agent seals with `to`, knowing only what one of the keys opens. */
const reseal = async (identityDir: string, keys: readonly string[], to: string): Promise<void> => {
  const { sealed } = (await readIdentity(identityDir)) ?? { sealed: false };
  const into = to === '' ? undefined : to;
  if (!sealed) return resealIdentity(identityDir, { to: into });
  for (const from of keys) {
    const refused = await resealIdentity(identityDir, { from, to: into }).then(
      () => false,
      () => true,
    );
    if (!refused) return;
  }
  throw new Error('no key opens the key of the node');
};

/**
 * Begins with a person who gives these keys, one each time they are asked; follows what the cluster has decided, of which only so many steps
 * (what is aside, the log, the agent's key) are still done; ends. What was said to be shut, in order.
 */
const live = async (place: Place, keys: readonly string[], decided: string, steps: number): Promise<readonly string[]> => {
  const asked: string[] = [];
  const unlockKey = new UnlockKey((why) => {
    const key = keys[asked.length];
    asked.push(why);
    if (key === undefined) throw new Error(`no key opens it: ${why}`);
    setImmediate(() => unlockKey.tell(key));
  });
  const { stateDir, identityDir } = place;
  const tls = await loadOwnTls({ tls: undefined, identityDir }, { clock: realClock, open: (open) => unlockKey.open(open) });
  const options = { stateDir, nodeId, peerDoor: undefined, join: undefined, tls, forceNewCluster: false, lockPatienceMs: 1_000, unlockKey };
  const { disk } = await openDisk({ ...options, driver: defaultDriverOptions }, ports);
  const end = Promise.withResolvers<void>();
  let left = steps;
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    if (left === 0) {
      end.resolve();
      throw new Error('the machine has lost its power');
    }
    left -= 1;
    return work();
  };
  const proposer = new LaggingMember(new SharedLog());
  const keeper = new AutolockKeeper({
    proposer,
    relockAside: (to) => step(() => relockAsideLogs(stateDir, { to, known: unlockKey.known }, ports)),
    disk: {
      isLocked: disk.isLocked,
      lock: (key) => step(() => disk.lock(key)),
      unlock: () => step(() => disk.unlock()),
    },
    unlockKey,
    tellAgent: (to) => void step(() => reseal(identityDir, [first, second], to)).then(end.resolve, end.resolve),
    logger: silentLogger,
  });
  await proposer.propose({ actions: [{ putAuthority: authorityWith({ unlockKey: decided }) }], expect: [], atMs: 1, origin: 'test' });
  await keeper.start();
  await end.promise;
  await keeper.stop();
  await disk.close();
  return asked;
};

const whole = 3;

for (const [what, before, after] of [
  ['on', '', first],
  ['replaced', first, second],
  ['off', first, ''],
] as const)
  for (const done of [0, 1, 2, 3])
    test(`after a crash when ${done} of ${whole} steps were done the state opens: autolock ${what}`, async (t) => {
      const held = [before, after].filter((key) => key !== '');
      for (const order of [held, held.toReversed()]) {
        const place = await makePlace(t, before);
        const begun = await live(place, [before], after, done);
        t.true(begun.length <= 1, 'before the change one key opens all');
        const asked = await live(place, order, after, whole);
        t.true(asked.length <= held.length);
        const then = await live(place, [after], after, whole);
        t.is(then.length, after === '' ? 0 : 1, 'from then on one key opens all');
        const relock = { to: after === '' ? undefined : after, known: [] };
        t.deepEqual(await relockAsideLogs(place.stateDir, relock, ports), [], 'the log that was set aside as well');
      }
    });

test('a log whose certificate is sealed with the key of before names what each key left shut', async (t) => {
  const place = await makePlace(t, first);
  await live(place, [first], second, 2);
  const asked = await live(place, [first, second], second, 0);
  t.regex(asked[0] ?? '', /key\.pem is locked/);
  t.regex(asked[1] ?? '', /state is locked: the key that was given does not unlock its keys/);
  const other = await live(place, [second, first], second, whole);
  t.regex(other[1] ?? '', /key\.pem cannot be opened/);
  t.deepEqual([asked.length, other.length], [2, 2]);
});
