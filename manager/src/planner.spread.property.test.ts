import { present, type Service, UpdateOrder } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { unevenness } from './testing/invariants.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

/** Nodes that are all alike and have room for everything: then a service is never more than one task from being spread evenly. */

interface Wish {
  readonly replicas: number;
  readonly image: string;
  readonly startFirst: boolean;
  readonly parallelism: number;
}

type Step =
  | { readonly does: 'up'; readonly wish: Wish }
  | { readonly does: 'scale'; readonly replicas: number }
  | { readonly does: 'agents' | 'run' | 'fail' | 'another leader' };

const stackOf = ({ replicas, image, startFirst, parallelism }: Wish) => {
  const { update } = serviceSpec('web');
  const order = startFirst ? UpdateOrder.START_FIRST : UpdateOrder.STOP_FIRST;
  return stackSpec('shop', [
    serviceSpec('web', { replicas, update: { ...update, order, parallelism }, task: { container: { image } } }),
    serviceSpec('other', { replicas: 3 }),
  ]);
};

const just = <D extends string>(does: D) => fc.constant(does);
const wish = fc.record({
  replicas: fc.integer({ min: 1, max: 9 }),
  image: fc.constantFrom('web:1', 'web:2', 'web:3'),
  startFirst: fc.boolean(),
  parallelism: fc.nat(3),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: just('up'), wish }) },
  { weight: 2, arbitrary: fc.record({ does: just('scale'), replicas: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ does: just('agents') }) },
  { weight: 2, arbitrary: fc.record({ does: just('run') }) },
  { weight: 1, arbitrary: fc.record({ does: just('fail') }) },
  { weight: 1, arbitrary: fc.record({ does: just('another leader') }) },
);

/** Longer than failures speak against a node. */
const forgottenMs = 6 * 60_000;

const rest = (world: World): void => {
  world.run();
  for (let looks = 0; looks < 10 && world.sleep() > 0; looks += 1) world.run();
};

const webOf = ({ tables }: World): Service =>
  present(
    tables.services().find(({ spec }) => spec.name === 'web'),
    'web',
  );

const perform = (world: World, { does, ...what }: Step & { readonly wish?: Wish; readonly replicas?: number }): void => {
  // In the middle of an update fewer are not evened out first of all: those that serve are kept, and those of the newest spec.
  const wished = what.wish?.replicas ?? what.replicas;
  if (wished !== undefined && wished < webOf(world).spec.replicas) rest(world);
  if (what.wish !== undefined) world.up(stackOf(what.wish));
  else if (what.replicas !== undefined) world.scale('shop', 'web', what.replicas);
  else if (does === 'agents') world.agentsStep();
  else if (does === 'another leader') world.changeLeader();
  else if (does === 'run') world.run();
  else {
    rest(world);
    world.advance(forgottenMs);
    const [task] = world.lines().filter((line) => line.startsWith('web.') && line.includes('running'));
    if (task !== undefined) world.fail(task.split(' ')[0] ?? '');
  }
};

test('whatever is wished of a service, its tasks are spread within one over nodes that are alike', (t) => {
  fc.assert(
    fc.property(wish, fc.array(step, { maxLength: 12, size: 'max' }), (first, steps) => {
      const world = new World(['alpha', 'beta', 'gamma', 'delta'].map((id) => nodeNamed(id)));
      world.up(stackOf(first));
      world.run();
      for (const each of steps) perform(world, each);
      rest(world);
      if (unevenness(world.tables, webOf(world)) > 1) throw new Error(world.lines().join('\n'));
    }),
    { numRuns: 100, includeErrorInReport: true },
  );
  t.pass();
});
