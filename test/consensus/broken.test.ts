// That these tests can fail: the same processes, faults and judgement, with one rule of the manager left out.
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Clients } from './clients.ts';
import { Cluster } from './cluster.ts';
import { stoppedLeader } from './faults.ts';
import { History } from './history.ts';

const variant = (name: string): readonly string[] => ['--import', new URL(`broken-manager.ts?${name}`, import.meta.url).href];

/** A round of faults after the other, until the history is not linearizable any more. */
const caught = async (
  t: ExecutionContext,
  name: string,
  fault: (cluster: Cluster, clients: Clients, history: History) => Promise<void>,
): Promise<void> => {
  const cluster = await Cluster.start({ size: 3, nodeFlags: variant(name) });
  const history = new History();
  const clients = new Clients(history, {
    count: 9,
    targets: () => cluster.members.map(({ target }) => target),
    seed: 1,
    deadlineMs: 12_000,
  });
  let problem: string | undefined;
  let turns = 0;
  try {
    clients.start();
    await clients.progress(100, 'with all members');
    for (; turns < 20 && problem === undefined; turns += 1) {
      await fault(cluster, clients, history);
      problem = await history.problem(t.title);
    }
  } finally {
    await clients.stop();
    await cluster.destroy();
  }
  t.regex(problem ?? 'nothing was found', /not linearizable/);
  t.log(`after ${turns} rounds`);
  const kept = /^npm run linearizability -- (?<path>.+)$/m.exec(problem ?? '')?.groups?.path;
  if (kept !== undefined) await rm(dirname(kept), { recursive: true });
};

test.serial('managers that answer reads without ReadIndex are caught', async (t) => {
  await caught(t, 'reads-without-read-index', async (cluster, clients) => {
    const [behind] = await cluster.followers();
    behind?.pause();
    await clients.progress(100, `while ${behind?.nodeId} is stopped`);
    behind?.resume();
    await clients.progress(60, 'after it goes on');
  });
});

test.serial('a leader that answers reads without asking whether it still leads is caught', async (t) => {
  await caught(t, 'leader-reads-without-asking', async (cluster, clients, history) => {
    await stoppedLeader(cluster, clients, history);
  });
});

test.serial('a leader that acknowledges what no majority has yet is caught', async (t) => {
  await caught(t, 'leader-answers-before-it-is-committed', async (cluster, clients) => {
    const leader = await cluster.leader();
    const others = (await cluster.followers()).filter((member) => member !== leader);
    // Alone it can commit nothing; what it says meanwhile is lost with it.
    for (const other of others) other.pause();
    await clients.progress(5, 'at a leader that is alone', 2_000).catch(() => undefined);
    await leader.kill();
    for (const other of others) other.resume();
    await clients.progress(60, `without ${leader.nodeId}`);
    await leader.start();
    await clients.progress(60, `after ${leader.nodeId} is back`);
  });
});
