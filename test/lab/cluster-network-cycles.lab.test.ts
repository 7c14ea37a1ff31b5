// Containers that come and go leave nothing: devices, addresses, rules, namespaces, mounts, control groups, processes and files are as before.
// A thousand of them: node test/bench/network-cycles.ts --tasks 1000
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { runCycles } from './support/cycles.ts';

const cluster = await ClusterLab.start({ managers: 1, workers: 2 });
test.after.always(() => cluster.destroy());

test('sixty tasks on two overlays with published ports come and go on three hosts, and every host is as it was', async (t) => {
  const { tasks, differences } = await runCycles(cluster, 60, (line) => t.log(line));
  t.is(tasks, 60);
  t.deepEqual(differences, []);
});
