import type { FileContent, StackSpec } from '@tso/proto';
import { TsoError } from '@tso/proto';
import type { View } from '../store/view.ts';
import { fileProblems } from './validate-files.ts';
import { networkProblems } from './validate-network.ts';
import { serviceProblems } from './validate-service.ts';
import type { Absent } from './validate-shared.ts';
import { betweenServices } from './validate-stack.ts';
import { volumeProblems } from './validate-volumes.ts';

const namePattern = /^[a-z0-9][a-z0-9_-]*$/;

const nameProblems = function* (spec: StackSpec): Iterable<TsoError> {
  if (!namePattern.test(spec.name)) {
    yield new TsoError('INVALID_ARGUMENT', `"${spec.name}" cannot be the name of a stack`, {
      hint: 'Use lower-case letters, digits, dashes and underscores, beginning with a letter or digit',
    });
  }
};

/** As `validateStack`: all that speaks against it. */
const problemsOf = (view: View, spec: StackSpec, absent: Absent, contents: readonly FileContent[]): readonly TsoError[] => [
  ...nameProblems(spec),
  ...networkProblems(view, spec),
  ...volumeProblems(view, spec),
  ...fileProblems(view, spec, contents),
  ...spec.services.flatMap((service) => [...serviceProblems(view, spec, service)]),
  ...betweenServices(view, spec, absent),
];

const asOne = (problems: readonly TsoError[]): TsoError | undefined => {
  const first = problems[0];
  if (first === undefined || problems.length === 1) return first;
  const details = { ...first.details, problems: problems.map((problem) => problem.sentence) };
  return new TsoError(first.code, first.message, { details, ...(first.hint === undefined ? {} : { hint: first.hint }) });
};

/**
 * Why the stack cannot be accepted, or undefined when it can; the first of its problems speaks, `details.problems` has the sentences of all.
 * INVALID_ARGUMENT: the spec is wrong in itself. NOT_FOUND: an external network, volume, secret or config is not there.
 * CONFLICT: another stack has the port, network, volume, address, secret, config or container name. RESOURCE_EXHAUSTED: files too large. FAILED_PRECONDITION: not while things are as they are.
 * @param removeOrphans whether services that neither the spec nor `declared` names any more are taken down with this
 * @param contents what its own secrets and configs are to hold; one that is there already and not among these stays as it is
 * @param declared services that the files name though the spec does not have them: they stay
 */
export const validateStack = (
  view: View,
  spec: StackSpec,
  removeOrphans = false,
  contents: readonly FileContent[] = [],
  declared: readonly string[] = [],
): TsoError | undefined => asOne(problemsOf(view, spec, { removeOrphans, declared }, contents));

/**
 * The same of a stack of which only a part is changed: what spoke against it before, because the cluster is another one since it was accepted, is
 * nothing that the change is refused for.
 */
export const validateChange = (view: View, before: StackSpec, spec: StackSpec): TsoError | undefined => {
  const staying: Absent = { removeOrphans: false, declared: [] };
  const problems = problemsOf(view, spec, staying, []);
  if (problems.length === 0) return undefined;
  const known = new Set(problemsOf(view, before, staying, []).map(({ sentence }) => sentence));
  return asOne(problems.filter(({ sentence }) => !known.has(sentence)));
};
