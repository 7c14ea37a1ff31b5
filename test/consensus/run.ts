import type { ExecutionContext } from 'ava';
import { Chance } from '../simulation/chance.ts';
import { Clients } from './clients.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';
import { History } from './history.ts';
import type { ManagerProcess } from './manager-process.ts';

/** What a test does while clients are at work. */
export interface Scene {
  readonly cluster: Cluster;
  readonly clients: Clients;
  readonly history: History;
  readonly chance: Chance;
  /** A member by chance. */
  somebody(): ManagerProcess;
}

export interface SceneOptions extends ClusterOptions {
  readonly clients?: number;
  readonly deadlineMs?: number;
  /** Operations that must succeed in all. */
  readonly atLeast: number;
}

/** Another number tries other moments and other members. */
const seed = Number(process.env.CONSENSUS_SEED ?? '1');

const afterwards = 150;

/**
 * Clients at work while `faults` runs; afterwards every member answers, work goes on, every key is read at every member, and the
 * history of it all has to be linearizable. The history is kept when it is not.
 */
export const recorded = async (t: ExecutionContext, options: SceneOptions, faults: (scene: Scene) => Promise<void>): Promise<void> => {
  const cluster = await Cluster.start(options);
  const history = new History();
  const clients = new Clients(history, {
    count: options.clients ?? 2 * options.size,
    targets: () => cluster.members.map(({ target }) => target),
    seed,
    ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
  });
  const chance = new Chance(seed);
  const somebody = (): ManagerProcess => chance.pick(cluster.members) ?? cluster.someone();
  try {
    clients.start();
    await clients.progress(afterwards, 'before anything happens');
    await faults({ cluster, clients, history, chance, somebody });
    await cluster.settled();
    await clients.progress(Math.max(afterwards, options.atLeast - clients.succeeded), 'after the last fault');
    await clients.stop();
    await clients.readAll(cluster.members.map(({ target }) => target));
  } catch (error) {
    const said = cluster.members.map(({ nodeId, output }) => `--- ${nodeId}\n${output.slice(-2_500)}`).join('\n');
    t.log(`history: ${await history.keep(t.title)}\n${said}`);
    throw error;
  } finally {
    await clients.stop();
    await cluster.destroy();
  }
  const problem = await history.problem(t.title);
  t.is(problem, undefined, problem);
  t.deepEqual([...new Set(clients.unexpected)], []);
  t.true(clients.succeeded >= options.atLeast, `only ${clients.succeeded} operations succeeded`);
  t.log(
    `${clients.succeeded} operations succeeded, ${history.count('fail')} failed, ${history.count('info')} without an answer, ${history.keys.length} keys`,
  );
};
