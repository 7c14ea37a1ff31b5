import { TaskState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { countLoads, NodeLoads } from './node-loads.ts';

test('what is kept up is what counting anew gives, whatever happens to tasks and nodes', (t) => {
  const step = fc.record({ does: fc.constantFrom('scale', 'run', 'fail', 'node', 'gone'), pick: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const world = new World(['a', 'b', 'c'].map((id) => nodeNamed(id)));
      world.up(stackSpec('shop', [serviceSpec('web', { replicas: 3 })]));
      const loads = new NodeLoads();
      for (const { does, pick } of steps) {
        if (does === 'scale') world.scale('shop', 'web', pick % 7);
        if (does === 'run') world.run();
        if (does === 'node') world.changeNode(['a', 'b', 'c'][pick % 3] ?? 'a', { availability: pick % 2 === 0 ? 2 : 0 });
        const running = world.tables.tasks().filter((task) => task.status.state === TaskState.RUNNING);
        const task = running[pick % Math.max(1, running.length)];
        if (does === 'fail' && task !== undefined) world.report(task, { state: TaskState.FAILED });
        if (does === 'gone' && task !== undefined) world.commit([{ remove: { kind: 'task', id: task.id } }]);
        const kept = loads.of(world.tables);
        const anew = countLoads(world.tables);
        for (const { id } of world.tables.nodes())
          if ((kept.get(id) ?? 0) !== (anew.get(id) ?? 0)) throw new Error(`${id}: ${kept.get(id)}`);
      }
    }),
    { numRuns: 60 },
  );
  t.pass();
});
