/** What must always hold, by the number it has in the design of the core. */
export const invariants = {
  1: 'one leader per term',
  2: 'one durable vote per node and term, and a leader has those of a quorum',
  3: 'term, commit and applied never go back',
  4: 'equal index and term mean equal entries, and equal ones before',
  5: 'a leader only appends to its log',
  6: 'a leader has all that was committed before its term',
  7: 'the same is applied at each index everywhere, once per incarnation',
  8: 'only entries of the own term are committed by counting',
  9: 'nothing is acknowledged before it is durable',
  10: 'what is committed is durable on a quorum of the governing configuration',
  11: 'at most one change of members is unapplied; learners never count',
  12: 'a snapshot is not ahead of what was applied, and restores the replayed state',
  13: 'a removed node never leads',
  14: 'a read sees every write that was completed before it began',
  15: 'what is in flight and uncommitted is bounded; catching up is not paid entry by entry',
  16: 'a healed majority has a leader in time, and all logs converge',
  17: 'the same seed gives the same trace',
  18: 'whatever comes, the core goes on; a damaged disk is refused, and only that',
} as const;

export type Invariant = keyof typeof invariants;

export class Violation extends Error {
  readonly invariant: Invariant;

  constructor(invariant: Invariant, what: string, options?: ErrorOptions) {
    super(`invariant ${invariant} (${invariants[invariant]}): ${what}`, options);
    this.invariant = invariant;
  }
}

export const holds: (condition: boolean, invariant: Invariant, what: () => string) => asserts condition = (condition, invariant, what) => {
  if (!condition) throw new Violation(invariant, what());
};
