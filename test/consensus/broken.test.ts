// That these tests can fail: the same processes, faults and judgement, with one rule of the manager left out.
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { Clients } from './clients.ts';
import { Cluster } from './cluster.ts';
import { History } from './history.ts';

test.serial('managers that answer reads without ReadIndex are caught', async (t) => {
  const nodeFlags = ['--import', join(import.meta.dirname, 'without-read-index.ts')];
  const cluster = await Cluster.start({ size: 3, nodeFlags });
  const history = new History();
  const clients = new Clients(history, { count: 6, targets: () => cluster.members.map(({ target }) => target), seed: 1 });
  try {
    clients.start();
    const leader = await cluster.leader();
    for (let turn = 0; turn < 3; turn += 1) {
      await clients.progress(300, 'with all members');
      const [behind] = await cluster.followers();
      behind?.pause();
      await clients.progress(100, `while ${behind?.nodeId} is stopped`);
      behind?.resume();
    }
    await clients.progress(100, 'at the end');
    t.true(leader.alive);
  } finally {
    await clients.stop();
    await cluster.destroy();
  }
  const problem = (await history.problem(t.title)) ?? 'nothing was found';
  t.regex(problem, /not linearizable/);
  const kept = /^npm run linearizability -- (?<path>.+)$/m.exec(problem)?.groups?.path;
  if (kept !== undefined) await rm(dirname(kept), { recursive: true });
});
