// Requests that fail while a service is updated, scaled and moved from host to host, again and again, until so many were made.
//   sudo node test/bench/rolling.ts [--requests 100000]
// Ends with 1 when any failed.
import { parseArgs } from 'node:util';
import { ClusterLab } from '../lab/hosts/cluster-lab.ts';
import { beginLoad, rollingStack, rollingSteps } from '../lab/support/rolling.ts';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '100000' }, pause: { type: 'string', default: '10' } } });
const wanted = Number(values.requests);
const pauseMs = Number(values.pause);
const cluster = await ClusterLab.start({ managers: 1, workers: 2 });
let [made, failed] = [0, 0];
try {
  await cluster.up('app', rollingStack({ generation: 0, replicas: 4, order: 'stop-first', parallelism: 1 }));
  while (made < wanted && failed === 0) {
    // The clients of a host that is drained end with it: each round begins new ones.
    const load = await beginLoad(cluster, 'app', { pauseMs });
    try {
      for (const [what, step] of rollingSteps(cluster, 'app')) {
        const before = load.answered;
        const beganAt = performance.now();
        await step(load);
        await load.flows();
        const seconds = (performance.now() - beganAt) / 1_000;
        console.log(`${what}: ${load.answered - before} requests in ${seconds.toFixed(1)} s, ${load.failed} failed so far`);
      }
      await load.stop();
    } finally {
      load.kill();
    }
    for (const line of load.failures) console.log(line);
    console.log(`the slowest: ${load.slowest}`);
    made += load.answered + load.failed;
    failed += load.failed;
    await cluster.spread('app', 'client', cluster.members.length, { slots: false });
  }
  console.log(`${failed} failed of ${made}`);
  if (failed > 0) process.exitCode = 1;
} finally {
  await cluster.destroy();
}
