import { type ErrorCode, TsoError } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { type FailedOutcome, outcomeOf } from './outcome.ts';
import { DriverGroup } from './testing/driver-group.ts';
import { MemoryDisk } from './testing/memory-disk.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

const withGroup = async (
  ids: readonly number[],
  work: (group: DriverGroup) => Promise<void>,
  options: ConstructorParameters<typeof DriverGroup>[0] = {},
): Promise<void> => {
  const group = new DriverGroup(options);
  await group.start(ids);
  try {
    await work(group);
  } finally {
    await group.stop();
  }
};

const leaderOf = async (group: DriverGroup) => {
  await group.until(() => group.leader !== undefined, 'somebody leads');
  const { leader } = group;
  if (leader === undefined) throw new Error('nobody leads');
  return leader;
};

const refusedWith = async (
  t: ExecutionContext,
  group: DriverGroup,
  work: Promise<unknown>,
  code: ErrorCode,
  outcome: FailedOutcome,
  message: RegExp,
) => {
  const error = await t.throwsAsync(group.during(work), { instanceOf: TsoError, message });
  t.is((error as TsoError).code, code);
  t.is(outcomeOf(error), outcome);
};

test('a group of one leads once it has started, and a command resolves with what applying it returned', (t) =>
  withGroup([1], async (group) => {
    const { driver, machine } = group.member(1);
    t.is(driver.role, 'leader');
    const { index, outcome } = await driver.command(bytes('a'));
    t.is(outcome, 'did a');
    t.is(driver.applied.index, index);
    t.deepEqual(machine.lines, ['a']);
  }));

test('commands given to followers are applied everywhere in one order, and resolve once they are applied where they were given', (t) =>
  withGroup([1, 2, 3], async (group) => {
    await leaderOf(group);
    const all = [...group.members.values()];
    await group.during(
      Promise.all(
        Array.from({ length: 30 }, async (_, at) => {
          const member = group.member(1 + (at % 3));
          const { index } = await member.driver.command(bytes(`c${at}`));
          t.true(member.machine.lines.includes(`c${at}`) && member.machine.index >= index);
        }),
      ),
    );
    await group.until(() => all.every(({ machine }) => machine.lines.length === 30), 'all have applied all');
    t.deepEqual(group.member(2).machine.lines, group.member(1).machine.lines);
    t.deepEqual(group.member(3).machine.lines, group.member(1).machine.lines);
  }));

test('a read on a follower sees what was acknowledged before it, though the follower had not heard of it', (t) =>
  withGroup([1, 2, 3], async (group) => {
    const leader = await leaderOf(group);
    const follower = [1, 2, 3].find((id) => id !== leader.id) ?? 0;
    await group.during(group.member(follower).driver.read());
    group.cut = (from, to) => from === leader.id && to === follower;
    await group.during(leader.driver.command(bytes('new')));
    t.deepEqual(group.member(follower).machine.lines, []);
    group.cut = () => false;
    await group.during(group.member(follower).driver.read());
    t.deepEqual(group.member(follower).machine.lines, ['new']);
  }));

test('a leader that is cut off confirms neither reads nor writes, and its unconfirmed write is told apart from a refused one', (t) =>
  withGroup(
    [1, 2, 3],
    async (group) => {
      const old = await leaderOf(group);
      group.cut = (from, to) => from === old.id || to === old.id;
      const write = old.driver.command(bytes('lost'));
      const read = old.driver.read();
      await refusedWith(t, group, read, 'UNAVAILABLE', 'refused', /no majority/);
      await refusedWith(t, group, write, 'DEADLINE_EXCEEDED', 'unknown', /may still be made/);
      await refusedWith(t, group, old.driver.command(bytes('later')), 'UNAVAILABLE', 'refused', /no leader/);
      for (const ask of [() => old.driver.command(bytes('later')), () => old.driver.read(), () => old.driver.whenLed()]) {
        const error = await t.throwsAsync(group.during<unknown>(ask()), { instanceOf: TsoError, code: 'UNAVAILABLE' });
        t.deepEqual(error.details, { reason: 'quorum', outcome: 'refused' });
      }
      const others = [1, 2, 3].filter((id) => id !== old.id).map((id) => group.member(id));
      for (const { driver } of others.slice(0, 1)) await group.during(driver.command(bytes('kept')));
      group.cut = () => false;
      await group.until(() => old.machine.lines.length > 0, 'the old leader is told');
      t.deepEqual(old.machine.lines, ['kept']);
    },
    { patienceMs: 2_000 },
  ));

test('a write of a deposed leader whose place another took is refused for certain', (t) =>
  withGroup(
    [1, 2, 3],
    async (group) => {
      const old = await leaderOf(group);
      group.cut = (from, to) => from === old.id || to === old.id;
      const write = old.driver.command(bytes('lost'));
      const failed = t.throwsAsync(write, { message: /another took its place/ });
      const others = [1, 2, 3].filter((id) => id !== old.id).map((id) => group.member(id));
      await group.until(() => others.some(({ driver }) => driver.role === 'leader'), 'another leads');
      for (const { driver } of others.slice(0, 1)) await group.during(driver.command(bytes('kept')));
      group.cut = () => false;
      t.is(outcomeOf(await group.during(failed)), 'refused');
    },
    { patienceMs: 60_000 },
  ));

test('a leader whose disk fails in the middle of a change does not know what became of it, and refuses what comes later', (t) =>
  withGroup([1, 2, 3], async (group) => {
    const leader = await leaderOf(group);
    leader.disk.beforeWrite = () => {
      leader.disk.failWith = new Error('no space left');
      return Promise.resolve();
    };
    await refusedWith(t, group, leader.driver.command(bytes('half')), 'UNAVAILABLE', 'unknown', /no space left/);
    t.is(leader.broken.length, 1);
    const late = { instanceOf: TsoError, message: /log is broken/ };
    // Rejected, not thrown: who handles only the promise would be taken by surprise.
    const attempts = [leader.driver.command(bytes('late')), leader.driver.read()];
    for (const attempt of attempts) t.is(outcomeOf(await t.throwsAsync(attempt, late)), 'refused');
  }));

test('a command waits for a leader to be elected rather than failing at once', (t) =>
  withGroup([1, 2, 3], async (group) => {
    const { outcome } = await group.during(group.member(2).driver.command(bytes('early')));
    t.true(outcome === undefined || outcome === 'did early');
  }));

test('a command that was decided in one term of office is refused in another, and where somebody else leads', (t) =>
  withGroup([1, 2, 3], async (group) => {
    const leader = await leaderOf(group);
    const { term } = leader.driver;
    await group.during(leader.driver.command(bytes('in office'), { term }));
    const stale = leader.driver.command(bytes('stale'), { term: term - 1 });
    await refusedWith(t, group, stale, 'UNAVAILABLE', 'refused', /does not lead as it did/);
    const other = group.member([1, 2, 3].find((id) => id !== leader.id) ?? 0);
    await refusedWith(t, group, other.driver.command(bytes('elsewhere'), { term }), 'UNAVAILABLE', 'refused', /manager \d does now/);
    await refusedWith(t, group, other.driver.command(bytes('passed on'), 'here'), 'UNAVAILABLE', 'refused', /manager \d does now/);
    t.deepEqual(leader.machine.lines, ['in office']);
  }));

test('once several elections came to nothing, a change is refused at once rather than kept waiting', (t) =>
  withGroup(
    [1, 2, 3],
    async (group) => {
      const { driver } = await leaderOf(group);
      group.cut = () => true;
      await refusedWith(t, group, driver.read(), 'UNAVAILABLE', 'refused', /no majority/);
      const before = group.clock.now();
      await refusedWith(t, group, driver.command(bytes('late')), 'UNAVAILABLE', 'refused', /no leader: too few of them answer/);
      t.true(group.clock.now() - before <= 200);
    },
    { patienceMs: 60_000 },
  ));

test('more commands than may wait are refused, and those that wait are not touched', (t) =>
  withGroup(
    [1],
    async (group) => {
      const { driver, machine } = group.member(1);
      const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map((text) => driver.command(bytes(text))));
      t.deepEqual(
        results.map(({ status }) => status),
        ['fulfilled', 'fulfilled', 'rejected', 'rejected'],
      );
      t.deepEqual(machine.lines, ['a', 'b']);
    },
    { maxPending: 2 },
  ));

test('a disk that fails ends the node: what waits is of unknown outcome, and nothing more is taken', async (t) => {
  const group = new DriverGroup();
  await group.start([1]);
  const { driver, disk, broken, machine } = group.member(1);
  disk.failWith = new TsoError('RESOURCE_EXHAUSTED', 'no space left on the disk');
  await refusedWith(t, group, driver.command(bytes('a')), 'UNAVAILABLE', 'unknown', /no space left/);
  t.deepEqual(
    broken.map(({ code }) => code),
    ['RESOURCE_EXHAUSTED'],
  );
  t.deepEqual(machine.lines, []);
  t.throws(() => driver.status(), { message: /broken/ });
  await group.stop();
});

test('a member that joins gets a snapshot which names it, and becomes a voter that counts', (t) =>
  withGroup(
    [1],
    async (group) => {
      const { driver } = group.member(1);
      for (let at = 0; at < 20; at += 1) await driver.command(bytes(`c${at}`));
      const joined: number[] = [];
      driver.on('join', (id) => joined.push(id));
      const newcomer = await group.add(2, new MemoryDisk());
      await group.during(driver.join(2));
      await group.until(() => newcomer.machine.lines.length === 20, 'the newcomer has all');
      const hasAcknowledged = (): boolean => {
        const { progress, lastIndex } = driver.status();
        return progress.some(({ id, match }) => id === 2 && match === lastIndex);
      };
      await group.until(hasAcknowledged, 'the leader knows that it has');
      await group.during(driver.changeMembers({ transition: 'auto', steps: [{ kind: 'add-voter', id: 2 }] }));
      t.deepEqual(driver.applied.confState.voters, [1, 2]);
      t.deepEqual(joined, [2]);
      await group.during(driver.command(bytes('both')));
      await group.until(() => newcomer.machine.lines.at(-1) === 'both', 'the newcomer follows');
    },
    { snapshotEntries: 5, keepEntries: 2 },
  ));

test('a member that was away longer than the log is kept comes back by a snapshot', (t) =>
  withGroup(
    [1, 2, 3],
    async (group) => {
      const leader = await leaderOf(group);
      const away = [1, 2, 3].find((id) => id !== leader.id) ?? 0;
      group.cut = (from, to) => from === away || to === away;
      for (let at = 0; at < 60; at += 1) await group.during(leader.driver.command(bytes(`c${at}`)));
      t.true(leader.disk.firstIndex() > 30);
      group.cut = () => false;
      await group.until(() => group.member(away).machine.lines.length === 60, 'it has all again');
      t.deepEqual(group.member(away).machine.lines, leader.machine.lines);
    },
    { snapshotEntries: 10, keepEntries: 3 },
  ));

test('a restarted member has what it had, also what it had only applied from its log', async (t) => {
  const group = new DriverGroup({ snapshotEntries: 7 });
  await group.start([1]);
  for (let at = 0; at < 25; at += 1) await group.member(1).driver.command(bytes(`c${at}`));
  const { disk, machine } = group.member(1);
  const { lines } = machine;
  await group.stop();
  group.cut = () => false;
  const again = await group.add(1, disk);
  t.deepEqual(again.machine.lines, lines);
  await again.driver.command(bytes('more'));
  t.is(again.machine.lines.length, 26);
  await group.stop();
});

test('a voter that was asked to take over may still do so, however late it is; one without a vote was not asked', (t) =>
  withGroup([1, 2, 3], async (group) => {
    const { driver, disk, id } = await leaderOf(group);
    const other = id === 1 ? 2 : 1;
    await refusedWith(t, group, driver.transfer(77), 'FAILED_PRECONDITION', 'refused', /manager 77 has no vote/);
    const follower = group.member(other).driver;
    await refusedWith(t, group, follower.transfer(id), 'FAILED_PRECONDITION', 'refused', /does not lead/);
    group.cut = (_from, to) => to === other;
    await refusedWith(t, group, driver.transfer(other, 3), 'DEADLINE_EXCEEDED', 'unknown', /did not take over leadership in time/);
    const waiting = driver.transfer(other, 200);
    const ended = refusedWith(t, group, waiting, 'UNAVAILABLE', 'unknown', /did not take over leadership while this one ran/);
    disk.failWith = new Error('no space left');
    await t.throwsAsync(group.during(driver.command(bytes('last'))), { message: /no space left/ });
    await ended;
  }));

test('ending hands leadership to another voter first', (t) =>
  withGroup([1, 2, 3], async (group) => {
    const leader = await leaderOf(group);
    await group.during(leader.driver.command(bytes('a')));
    let leaders = 0;
    for (const { driver } of group.members.values()) driver.on('leader', () => leaders++);
    await group.during(leader.driver.end());
    t.is(leaders, 1);
    t.true([...group.members.values()].some(({ driver, id }) => id !== leader.id && driver.role === 'leader'));
  }));

test('a leader whose process is gone is replaced without waiting for an election timeout', (t) =>
  withGroup([1, 2, 3], async (group) => {
    const leader = await leaderOf(group);
    await group.during(leader.driver.command(bytes('a')));
    group.cut = (from, to) => from === leader.id || to === leader.id;
    const others = [...group.members.values()].filter(({ id }) => id !== leader.id);
    const before = group.clock.now();
    for (const { driver } of others) driver.connectionLost(leader.id);
    await group.until(() => others.some(({ driver }) => driver.role === 'leader'), 'another leads');
    t.true(group.clock.now() - before < 500);
  }));

test('a change that was handed to a leader that vanished without a word is given up once another leads', (t) =>
  withGroup([1, 2, 3], async (group) => {
    const { id } = await leaderOf(group);
    const asked = group.member(id === 1 ? 2 : 1).driver;
    await group.until(() => asked.lead === id, 'the follower knows its leader');
    group.swallows = id;
    group.cut = (from, to) => from === id || to === id;
    const change = asked.command(bytes('lost'));
    await refusedWith(t, group, change, 'UNAVAILABLE', 'unknown', /which led and has vanished/);
    t.not(asked.lead, id);
    const { index } = await group.during(asked.command(bytes('next')));
    t.true(index > 0);
  }));
