// Tasks that come and go on three hosts, and what they leave there: nothing, or it is listed and the end is 1.
//   sudo node test/bench/network-cycles.ts [--tasks 1000]
import { parseArgs } from 'node:util';
import { ClusterLab } from '../lab/hosts/cluster-lab.ts';
import { runCycles } from '../lab/support/cycles.ts';

const { values } = parseArgs({ options: { tasks: { type: 'string', default: '1000' } } });
const cluster = await ClusterLab.start({ managers: 1, workers: 2 });
try {
  const { tasks, differences } = await runCycles(cluster, Number(values.tasks), (line) => console.log(line));
  console.log(`${tasks} tasks have left ${differences.length === 0 ? 'nothing' : `${differences.length} things:`}`);
  for (const line of differences) console.log(line);
  if (differences.length > 0) process.exitCode = 1;
} finally {
  await cluster.destroy();
}
