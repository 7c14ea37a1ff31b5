import { type Authority, emptyMeta, type Node, newNode } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { begunRotation, canFinish, finishedRotation, issuingChain, trustedRoots, waitingFor } from './rotation.ts';

const authority: Authority = {
  id: 'authority',
  meta: emptyMeta,
  certificate: 'root 0',
  key: 'key 0',
  epoch: 1,
  workerSecret: 'w',
  managerSecret: 'm',
  certificateLifeMs: 1,
  revoked: [],
  unlockKey: '',
};

const node = (id: string, authorityEpoch: number, more: Partial<Node> = {}): Node => ({ ...newNode, id, authorityEpoch, ...more });

const begun = begunRotation(authority, { certificate: 'root 1', key: 'key 1' }, 'root 1 by root 0', 7);

test('without a rotation one root is trusted, and nobody is waited for', (t) => {
  t.deepEqual(trustedRoots(authority), ['root 0']);
  t.deepEqual(issuingChain(authority), []);
  t.deepEqual(waitingFor(authority, [node('a', 0)]), []);
  t.false(canFinish(authority, []));
});

test('a rotation begins: the new root signs, both are trusted, and the old key is not kept', (t) => {
  t.deepEqual(trustedRoots(begun), ['root 1', 'root 0']);
  t.deepEqual(issuingChain(begun), ['root 1 by root 0']);
  t.like(begun, { key: 'key 1', epoch: 2, rotation: { oldKey: '', begunAtMs: 7 } });
  t.false(JSON.stringify(begun).includes('key 0'));
});

test('it is over when every node that stays holds the new epoch, be it down or not', (t) => {
  const nodes = [node('a', 2), node('b', 1), node('c', 1, { removing: true }), node('d', 3)];
  t.deepEqual(
    waitingFor(begun, nodes).map(({ id }) => id),
    ['b'],
  );
  t.false(canFinish(begun, nodes));
  t.true(canFinish(begun, [node('a', 2), node('b', 2)]));
  const over = finishedRotation(begun);
  t.deepEqual(trustedRoots(over), ['root 1']);
  t.is(over.epoch, 3);
  t.false('rotation' in over);
});

/** A member as the rotation sees it: who signed its certificate, what goes behind it, and whom it trusts. */
interface Member {
  readonly epoch: number;
  readonly signer: string;
  readonly chain: readonly string[];
  readonly trusts: readonly string[];
}

const renewed = (from: Authority): Member => ({
  epoch: from.epoch,
  signer: from.certificate,
  chain: issuingChain(from),
  trusts: trustedRoots(from),
});

/** As TLS does it: by the signer itself, or by what a trusted root says of the signer. */
const believes = (one: Member, other: Member): boolean =>
  one.trusts.includes(other.signer) || one.trusts.some((root) => other.chain.includes(`${other.signer} by ${root}`));

type Step = { readonly renew: number } | { readonly report: number } | 'begin' | 'keeper' | 'join';

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ renew: fc.nat(9) }) },
  { weight: 8, arbitrary: fc.record({ report: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.constant('begin' as const) },
  { weight: 3, arbitrary: fc.constant('keeper' as const) },
  { weight: 1, arbitrary: fc.constant('join' as const) },
);

test('at every moment of any number of rotations every two members believe each other', (t) => {
  let finished = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
      let present = authority;
      let members: Member[] = [renewed(present), renewed(present), renewed(present)];
      /** What each has told of itself: behind what it is. */
      let told: number[] = members.map(({ epoch }) => epoch);
      let roots = 0;
      for (const it of steps) {
        const at = typeof it === 'object' ? ('renew' in it ? it.renew : it.report) % members.length : 0;
        if (it === 'begin' && present.rotation === undefined) {
          roots += 1;
          const next = { certificate: `root ${roots}`, key: `key ${roots}` };
          present = begunRotation(present, next, `root ${roots} by ${present.certificate}`, 0);
        } else if (
          it === 'keeper' &&
          canFinish(
            present,
            told.map((epoch, index) => node(`n${index}`, epoch)),
          )
        ) {
          present = finishedRotation(present);
          finished += 1;
        } else if (it === 'join') {
          members = [...members, renewed(present)];
          told = [...told, present.epoch];
        } else if (typeof it === 'object' && 'renew' in it) {
          members = members.map((member, index) => (index === at ? renewed(present) : member));
        } else if (typeof it === 'object') {
          told = told.map((epoch, index) => (index === at ? (members[at]?.epoch ?? epoch) : epoch));
        }
        for (const one of members) for (const other of members) t.true(believes(one, other), JSON.stringify({ one, other, steps }));
      }
    }),
  );
  t.true(finished > 0, 'some rotations must have come to their end');
});
