import test from 'ava';
import fc from 'fast-check';
import { type NodeKind, nextRoleStep, type RoleFacts } from './role-steps.ts';

/** A node as its disk and processes have it. */
interface World extends RoleFacts {
  /** The raft id that its state belongs to was taken out of the group. */
  readonly stateIsDead: boolean;
}

const perform = (world: World): World => {
  const step = nextRoleStep(world);
  switch (step) {
    case 'stop':
      return { ...world, managerRuns: false };
    case 'erase':
      return { ...world, hasState: false, stateIsDead: false };
    case 'renew':
      return { ...world, certificate: world.wished, retired: false };
    case 'start':
      return { ...world, managerRuns: true, hasState: true };
    case 'none':
      return world;
    default:
      return step satisfies never;
  }
};

const settle = (world: World): World => {
  let now = world;
  for (let steps = 0; nextRoleStep(now) !== 'none'; steps += 1) {
    if (steps > 8) throw new Error(`it never ends: ${JSON.stringify(now)}`);
    now = perform(now);
  }
  return now;
};

/** As the agent records a wish: being retired and the wish in one write. */
const wish = (world: World, wished: NodeKind): World => ({
  ...world,
  wished,
  retired: world.retired || (wished === 'worker' && world.wished === 'manager'),
  stateIsDead: world.stateIsDead || (wished === 'worker' && world.hasState),
});
const crash = (world: World): World => ({ ...world, managerRuns: false });

const worker: World = {
  wished: 'worker',
  retired: false,
  certificate: 'worker',
  managerRuns: false,
  hasState: false,
  stateIsDead: false,
};

const event = fc.oneof(
  fc.constantFrom<(world: World) => World>(
    (world) => wish(world, 'manager'),
    (world) => wish(world, 'worker'),
  ),
  fc.constant(crash),
  fc.constant(perform),
);

test('whatever is wished and wherever it crashes, it ends as what was wished last, with a certificate for just that', (t) => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let world = worker;
      for (const change of events) {
        world = change(world);
        t.false(world.managerRuns && world.stateIsDead && !world.retired, 'a manager goes on with what left the group');
      }
      const end = settle(world);
      t.is(end.certificate, end.wished);
      t.is(end.managerRuns, end.wished === 'manager');
      t.is(end.hasState, end.wished === 'manager');
      t.false(end.retired);
      t.false(end.stateIsDead);
    }),
  );
});

test('a manager never starts on what left the group, even when it is wished again before that was erased', (t) => {
  const manager = settle(wish(worker, 'manager'));
  const again = wish(crash(wish(manager, 'worker')), 'manager');
  t.is(nextRoleStep(again), 'erase');
  t.is(nextRoleStep(perform(again)), 'renew');
  t.is(nextRoleStep(perform(perform(again))), 'start');
});

test('the first manager of a cluster makes its own certificate: it starts without one', (t) => {
  t.is(nextRoleStep({ wished: 'manager', retired: false, certificate: undefined, managerRuns: false, hasState: false }), 'start');
});
