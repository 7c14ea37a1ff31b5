// That chaos would notice: the same checks, while what they look for is brought about.
import test from 'ava';
import { Requests } from '../chaos/requests.ts';
import { ChaosService, serviceName, stackName } from '../chaos/service.ts';
import { doubles, Watch } from '../chaos/watch.ts';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { during, pauseAgent } from './hosts/faults.ts';
import { signal } from './hosts/processes.ts';
import { eventually } from './support/eventually.ts';

const cluster = await ClusterLab.start({ managers: 1, workers: 2 });
const service = new ChaosService(cluster);
test.before(() => service.start());
test.after.always(() => cluster.destroy());

test.serial('requests that nobody answers are counted as lost', async (t) => {
  const url = `http://${serviceName}/cgi-bin/slow`;
  const requests = await Requests.from(cluster, cluster.host('m1'), stackName, 'client', url);
  try {
    await requests.more(20, 'while all is well');
    t.deepEqual(requests.lost, []);
    await eventually('a request is lost', async () => {
      for (const { pid } of await service.seen()) signal(pid, 'SIGKILL');
      await service.learn();
      return requests.lost.length > 0;
    });
  } finally {
    await requests.stop();
  }
  await cluster.spread(stackName, serviceName, service.replicas);
});

test.serial('a slot that runs twice is seen from outside, unless its host is excused', async (t) => {
  await service.learn();
  const worker = await cluster.busyWorker();
  const excused = new Set<string>();
  const strict = new Watch(service, () => excused).start();
  const lenient = new Watch(service, () => new Set([worker.name])).start();
  try {
    // Its containers go on while the cluster, which does not hear from it, has others started in their place.
    await during([await pauseAgent(worker)], () => eventually('it is noticed', () => strict.violations.length > 0));
  } finally {
    await strict.stop();
    await lenient.stop();
  }
  t.regex(strict.violations[0] ?? '', new RegExp(`^slot \\d+ runs twice: .* on ${worker.name}`));
  t.deepEqual(lenient.violations, []);
  t.true(lenient.looks > 0);
});

test('doubles are those of a slot on hosts that are not excused', (t) => {
  const seen = (host: string, taskId: string, slot: number, pid: number) => ({ host, taskId, slot, pid });
  const all = [seen('a', 't1', 1, 1), seen('b', 't2', 1, 2), seen('b', 't3', 2, 3), seen('c', 't4', 1, 4)];
  t.deepEqual(
    doubles(all, new Set()).map((tasks) => tasks.map(({ taskId }) => taskId)),
    [['t1', 't2', 't4']],
  );
  t.deepEqual(
    doubles(all, new Set(['a'])).map((tasks) => tasks.map(({ taskId }) => taskId)),
    [['t2', 't4']],
  );
  t.deepEqual(doubles(all, new Set(['a', 'b'])), []);
});
