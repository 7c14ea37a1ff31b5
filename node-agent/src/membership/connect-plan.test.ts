import test from 'ava';
import fc from 'fast-check';
import {
  firstPlan,
  freshRound,
  nextTarget,
  type Outcome,
  type Plan,
  pauseMs,
  planAfter,
  planFrom,
  type Target,
  type Ways,
} from './connect-plan.ts';

const limits = { spreadMs: 150, longestMs: 5_000, redirects: 3, waits: 4, staleWaits: 2 };
const after = (plan: Plan, target: Target | undefined, outcome: Outcome): Plan => planAfter(plan, target, outcome, limits);
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const at = (address: string): Target => ({ kind: 'address', address });
const own: Target = { kind: 'own' };
const ways = (change: Partial<Ways> = {}): Ways => ({ own: false, ownAddress: '', addresses: ['a:1', 'b:1', 'c:1'], ...change });
const failed: Outcome = { kind: 'failed' };

const nameOf = (target: Target | undefined): string => (target?.kind === 'address' ? target.address : (target?.kind ?? 'none'));

test('the own manager is asked first, then every other once before anyone twice', (t) => {
  fc.assert(
    fc.property(fc.array(chance, { minLength: 8, maxLength: 8 }), (chances) => {
      let plan: Plan = firstPlan;
      const asked: string[] = [];
      for (const it of chances) {
        plan = freshRound(plan, ways({ own: true, ownAddress: 'a:1' }));
        const target = nextTarget(plan, ways({ own: true, ownAddress: 'a:1' }), it);
        asked.push(nameOf(target));
        plan = after(plan, target, failed);
      }
      t.is(asked[0], 'own');
      t.deepEqual(asked.slice(0, 3).toSorted(), ['b:1', 'c:1', 'own']);
      for (const [index, name] of asked.entries()) t.not(name, asked[index + 1]);
      t.false(asked.includes('a:1'), 'its own manager was asked over the network');
    }),
  );
});

test('whoever was lost is asked last', (t) => {
  const plan = after(firstPlan, at('b:1'), { kind: 'lost' });
  for (const it of [0, 0.5, 0.99]) t.not(nameOf(nextTarget(plan, ways(), it)), 'b:1');
  t.is(nameOf(nextTarget(plan, ways({ addresses: ['b:1'] }), 0)), 'b:1');
});

test('the leader that a follower names is asked at once, by the own socket when it is this node’s', (t) => {
  const plan = after(firstPlan, at('a:1'), { kind: 'redirected', leader: 'z:9' });
  t.deepEqual(nextTarget(plan, ways(), 0.5), at('z:9'));
  t.is(pauseMs(plan, { kind: 'redirected', leader: 'z:9' }, 0.9, limits), 0);
  t.deepEqual(
    nextTarget(after(firstPlan, at('a:1'), { kind: 'redirected', leader: 'n:1' }), ways({ own: true, ownAddress: 'n:1' }), 0.5),
    own,
  );
});

test('managers that send an agent in circles are not asked without a pause for ever', (t) => {
  let plan: Plan = firstPlan;
  const pauses: number[] = [];
  for (let count = 0; count < 40; count += 1) {
    const target = nextTarget(plan, ways(), 0);
    const outcome: Outcome = { kind: 'redirected', leader: nameOf(target) === 'a:1' ? 'b:1' : 'a:1' };
    plan = after(plan, target, outcome);
    pauses.push(pauseMs(plan, outcome, 0, limits));
  }
  t.is(pauses[0], 0);
  for (let from = 0; from + 4 < pauses.length; from += 1) {
    t.true(
      pauses.slice(from, from + 4).some((pause) => pause >= 0.25 * limits.spreadMs),
      `no pause from ${from} on`,
    );
  }
});

test('who is told to come back later comes back then, to the same manager, and not at one instant with the others', (t) => {
  fc.assert(
    fc.property(chance, fc.nat(10_000), (it, retryAfterMs) => {
      const outcome: Outcome = { kind: 'admission', retryAfterMs };
      const plan = after(firstPlan, at('b:1'), outcome);
      const pause = pauseMs(plan, outcome, it, limits);
      t.true(pause >= retryAfterMs && pause <= retryAfterMs * 1.25);
      t.deepEqual(nextTarget(plan, ways(), it), at('b:1'));
    }),
  );
  t.deepEqual(nextTarget(after(firstPlan, own, { kind: 'admission', retryAfterMs: 1 }), ways({ own: true }), 0), own);
});

test('a thousand agents that lose their leader at one instant come back spread over the window, which grows while they fail', (t) => {
  const chances = Array.from({ length: 1_000 }, (_, index) => index / 1_000);
  let plan = after(firstPlan, at('a:1'), { kind: 'lost' });
  const mostWithin = (pauses: readonly number[], ms: number): number =>
    Math.max(...pauses.map((from) => pauses.filter((it) => it >= from && it < from + ms).length));
  t.true(
    mostWithin(
      chances.map((it) => pauseMs(plan, { kind: 'lost' }, it, limits)),
      10,
    ) <= 70,
  );
  const widths: number[] = [];
  for (let count = 0; count < 8; count += 1) {
    plan = after(plan, at('a:1'), failed);
    const pauses = chances.map((it) => pauseMs(plan, failed, it, limits));
    widths.push(Math.max(...pauses) - Math.min(...pauses));
    t.true(Math.max(...pauses) <= limits.longestMs);
    t.true(Math.min(...pauses) > 0);
  }
  t.deepEqual(
    widths,
    widths.toSorted((a, b) => a - b),
  );
  t.true((widths.at(-1) ?? 0) > 3_000);
});

test('where nobody is known, nobody is asked', (t) => {
  t.is(nextTarget(firstPlan, ways({ addresses: [] }), 0.5), undefined);
  t.is(nextTarget({ ...firstPlan, hint: 'own' }, ways({ addresses: [] }), 0.5), undefined);
});

test('a follower that knows no leader is asked again on and on, but not for ever: it may be cut off from the others', (t) => {
  const outcome: Outcome = { kind: 'leaderless' };
  let plan: Plan = firstPlan;
  for (let count = 0; count < limits.waits; count += 1) {
    plan = after(plan, at('b:1'), outcome);
    t.is(nameOf(nextTarget(plan, ways(), 0)), 'b:1');
    t.true(pauseMs(plan, outcome, 0.5, limits) <= limits.spreadMs * 1.5);
  }
  plan = after(plan, at('b:1'), outcome);
  t.not(nameOf(nextTarget(plan, ways(), 0)), 'b:1');
  t.is(plan.failures, 1);
  const redirected = after(after(firstPlan, own, outcome), own, { kind: 'redirected', leader: 'c:1' });
  t.is(nameOf(nextTarget(redirected, ways({ own: true }), 0)), 'c:1');
});

test('somebody who was just helped by a manager begins with that one', (t) => {
  t.is(nameOf(nextTarget(planFrom('z:1'), ways({ own: true }), 0)), 'z:1');
});

test('a follower that names the leader which was just lost is asked again for a while, then believed', (t) => {
  const stale: Outcome = { kind: 'redirected', leader: 'a:1' };
  let plan = after(after(firstPlan, at('a:1'), { kind: 'lost' }), at('b:1'), stale);
  for (let count = 1; count <= limits.staleWaits; count += 1) {
    t.is(nameOf(nextTarget(plan, ways(), 0)), 'b:1');
    t.true(pauseMs(plan, stale, 0, limits) > 0);
    plan = after(plan, at('b:1'), stale);
  }
  t.is(nameOf(nextTarget(plan, ways(), 0)), 'a:1');
  t.is(pauseMs(plan, stale, 0.5, limits), 0);
  const fresh = after(after(firstPlan, at('a:1'), { kind: 'lost' }), at('b:1'), { kind: 'redirected', leader: 'c:1' });
  t.is(nameOf(nextTarget(fresh, ways(), 0)), 'c:1');
});

test('a follower that knew no leader and was elected since is gone to at once when another one names it', (t) => {
  const a: Target = { kind: 'address', address: 'a:1' };
  const b: Target = { kind: 'address', address: 'b:1' };
  let plan = planAfter(firstPlan, a, { kind: 'failed' }, limits);
  for (let wait = 0; wait <= limits.waits; wait += 1) plan = planAfter(plan, b, { kind: 'leaderless' }, limits);
  t.is(plan.hint, undefined, 'others are asked, for this one may be cut off');
  plan = planAfter(plan, a, { kind: 'redirected', leader: 'b:1' }, limits);
  t.like(plan, { hint: 'b:1', waits: 0 });
  t.is(pauseMs(plan, { kind: 'redirected', leader: 'b:1' }, 0.5, limits), 0);
});

test('a manager that was asked by its name and lost is not taken for another at its address', (t) => {
  const plan = planAfter(planFrom('host-a:1'), at('host-a:1'), { kind: 'lost' }, limits, 'a:1');
  for (const it of [0, 0.5, 0.99]) t.not(nameOf(nextTarget(freshRound(plan, ways()), ways(), it)), 'a:1');
  const redirected = after(plan, at('b:1'), { kind: 'redirected', leader: 'a:1' });
  t.deepEqual(nextTarget(redirected, ways(), 0), at('b:1'), 'who names it has not noticed yet');
});

test('who ended a session because it could not do what it was told comes back to the same manager, later each time', (t) => {
  let plan = firstPlan;
  const pauses: number[] = [];
  for (let time = 0; time < 8; time += 1) {
    plan = after(plan, at('b:1'), { kind: 'given-up' });
    t.is(nameOf(nextTarget(plan, ways(), 0.9)), 'b:1');
    pauses.push(pauseMs(plan, { kind: 'given-up' }, 0.99, limits));
  }
  for (const [index, pause] of pauses.entries()) t.true(index === 0 || pause >= (pauses[index - 1] ?? 0));
  t.true((pauses.at(-1) ?? 0) > limits.longestMs * 0.9);
  plan = after(plan, at('b:1'), { kind: 'lost' });
  t.is(plan.failures, 0);
});
