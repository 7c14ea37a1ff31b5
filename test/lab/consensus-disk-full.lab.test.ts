// A member whose disk is full, on a small file system of its own: it says so and ends, the others go on, nothing acknowledged is lost.
import { mkdir } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { Cluster } from '../consensus/cluster.ts';
import type { ManagerProcess } from '../consensus/manager-process.ts';
import { RegisterClient } from '../consensus/register.ts';
import { command, succeed } from './support/command.ts';

const smallMiB = 12;

/** A group of three; the state directory of the last member is on a file system of its own. */
const withSmallDisk = async (t: ExecutionContext, work: (cluster: Cluster, small: ManagerProcess) => Promise<void>): Promise<void> => {
  const cluster = await Cluster.start({ size: 2 });
  let disk: string | undefined;
  try {
    const small = await cluster.make();
    await mkdir(small.stateDir, { mode: 0o700 });
    await succeed('mount', ['-t', 'tmpfs', '-o', `size=${smallMiB}m,mode=0700`, 'tmpfs', small.stateDir]);
    disk = small.stateDir;
    await small.start({ join: cluster.members[0]?.options.peerListen ?? '' });
    await cluster.voter(small);
    await cluster.settled();
    await work(cluster, small);
  } finally {
    await Promise.all(cluster.members.map((member) => member.kill()));
    if (disk !== undefined) await command('umount', [disk]);
    await cluster.destroy();
  }
  t.pass();
};

/** Writes at that member until it ends; what was acknowledged. */
const fill = async (at: ManagerProcess, small: ManagerProcess): Promise<ReadonlyMap<string, string>> => {
  const acknowledged = new Map<string, string>();
  const client = new RegisterClient(at.target);
  try {
    for (let turn = 0; small.alive && turn < 2_000; turn += 1) {
      const [key, value] = [`k${turn % 200}`, `v${turn} ${'x'.repeat(60_000)}`];
      const done = await client.write(key, value, 10_000).then(
        () => true,
        () => false,
      );
      // What failed may have been done all the same: nothing is known of that key any more.
      if (done) acknowledged.set(key, value);
      else acknowledged.delete(key);
    }
  } finally {
    client.close();
  }
  return acknowledged;
};

const roomAgain = async (t: ExecutionContext, cluster: Cluster, small: ManagerProcess, all: ReadonlyMap<string, string>): Promise<void> => {
  t.is(await small.ended(20_000), 1);
  t.regex(small.output, /no space left on the disk/);
  const others = cluster.members.filter((member) => member !== small);
  for (const other of others) t.true(other.alive, other.nodeId);
  const client = new RegisterClient(others[0]?.target ?? '');
  await client.write('after', 'the others go on', 15_000);
  client.close();
  await succeed('mount', ['-o', 'remount,size=512m', small.stateDir]);
  await small.start();
  await cluster.caughtUp(small);
  const back = new RegisterClient(small.target);
  t.is((await back.read('after', 10_000)).value, 'the others go on');
  for (const [key, value] of all) t.is((await back.read(key, 10_000)).value?.slice(0, 10), value.slice(0, 10), key);
  back.close();
};

test.serial('a follower whose disk is full ends with a sentence that says so; with room again it catches up', async (t) => {
  await withSmallDisk(t, async (cluster, small) => {
    const leader = await cluster.leader();
    t.not(leader, small);
    await roomAgain(t, cluster, small, await fill(leader, small));
  });
});

test.serial('a leader whose disk is full is replaced, and loses nothing that it acknowledged', async (t) => {
  await withSmallDisk(t, async (cluster, small) => {
    await (await cluster.leader()).managers.transferLeadership({ raftId: await cluster.raftId(small) });
    t.is(await cluster.leader(), small);
    await roomAgain(t, cluster, small, await fill(small, small));
  });
});
