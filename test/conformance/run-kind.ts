import test from 'ava';
import { failureOf } from './assertions.ts';
import { type Assertion, type Case, casesOf, casesPresent, type Json } from './cases.ts';
import { skips } from './skips.ts';

/** Undefined: the case passes; else why not. */
export type Verdict = string | undefined;

/** What becomes of a case whose result `run` gives, or refuses by throwing. */
export const judge = (found: Case, run: () => Json, expect: readonly Assertion[] = found.expect ?? []): Verdict => {
  let result: Json;
  try {
    result = run();
  } catch (error) {
    return found.error !== undefined || found.may_fail === true ? undefined : `refused: ${String(error)}`;
  }
  if (found.error !== undefined) return `accepted, but ${JSON.stringify(found.error)} is expected`;
  for (const assertion of expect) {
    const failure = failureOf(assertion, result);
    if (failure !== undefined) return failure;
  }
  return undefined;
};

/** Kinds about one function of the reference whose cases also say what a whole file with it gives. */
export const kindsThroughConfig: readonly string[] = [
  'template',
  'interpolate',
  'dotenv',
  'bytes',
  'volume',
  'merge',
  'extra-hosts',
  'normalize',
  'schema',
  'check',
  'transform',
  'unicity',
  'labels',
  'model',
];

/** One test of every case of these kinds: each passes, or is on the list of skips and does not. */
export const runKind = (
  title: string,
  kinds: readonly string[],
  verdictOf: (found: Case) => Verdict | Promise<Verdict>,
  suffix = '',
): void => {
  test(title, async (t) => {
    if (!casesPresent) {
      t.log('the conformance folder is not beside this repository: nothing to run');
      t.pass();
      return;
    }
    const cases = casesOf(...kinds);
    let passed = 0;
    const wrong: string[] = [];
    for (const found of cases) {
      const verdict = await verdictOf(found);
      const reason = skips[found.name + suffix];
      if (verdict === undefined && reason === undefined) passed += 1;
      else if (verdict === undefined) wrong.push(`${found.name}${suffix} passes now: take it off skips.ts`);
      else if (reason === undefined) wrong.push(`${found.name}${suffix}: ${verdict}`);
    }
    t.log(`${passed} of ${cases.length} cases pass`);
    t.true(cases.length > 0, 'there is no case of this kind');
    t.deepEqual(wrong, []);
  });
};
