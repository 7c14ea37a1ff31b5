import { type ObjectChange, type Service, type ServiceSpec, type StackSpec, TsoError } from '@tso/proto';
import { continueUpdate } from '../rules/continue-update.ts';
import { goBack, missingToGoBack } from '../rules/rollback.ts';
import { isPaused } from '../rules/update-pace.ts';
import type { Draft } from '../store/transaction.ts';
import { contentChanges } from './changes-files.ts';
import { chosenServices } from './chosen-services.ts';
import { withService } from './service-update.ts';
import { fieldChanges } from './spec-diff.ts';
import { validateChange } from './validate.ts';
import { noneOf, updateOfField, type VerbBy, type VerbRequest } from './verb-parts.ts';
import { change, putStackSpec } from './wish-parts.ts';

/** The stack's spec with those of its services as they are now. */
const followStack = (draft: Draft, stack: string, services: readonly Service[], by: VerbBy): void => {
  const before = draft.stackByName(stack);
  if (before === undefined) return;
  const specs = new Map(services.map(({ spec }) => [spec.name, spec]));
  putStackSpec(draft, { ...before.spec, services: before.spec.services.map((spec) => specs.get(spec.name) ?? spec) }, by);
};

/** Networks that were let go since, and are still there. */
const keepNetworks = (draft: Draft, { task }: ServiceSpec): void => {
  for (const { network: name } of task.networks) {
    const network = draft.networkByName(name);
    if (network?.removing === true) draft.putNetwork({ ...network, removing: false });
  }
};

/** Secrets and configs are no matter: the versions of before are kept, whatever has become of what they came from. */
const withoutFiles = (spec: ServiceSpec): ServiceSpec => ({
  ...spec,
  task: { ...spec.task, container: { ...spec.task.container, files: [] } },
});

/**
 * Why they cannot all be what they would go back to, as things are by now: another one has the port, address or name, a circle of those that wait
 * for each other. Undefined: they can.
 */
const problemOf = (draft: Draft, stack: string, back: readonly Service[]): TsoError | undefined => {
  const before = draft.stackByName(stack)?.spec;
  if (before === undefined) return undefined;
  const wished = back.reduce((spec: StackSpec, service) => withService(draft, spec, withoutFiles(service.spec)), before);
  const problem = validateChange(draft, before, wished);
  if (problem === undefined) return undefined;
  const [only] = back;
  const who = only !== undefined && back.length === 1 ? `service ${only.spec.name}` : `stack ${stack}`;
  return new TsoError(problem.code, `${who} cannot go back: ${problem.message}`, {
    hint: 'Apply a file that says what is wished by now: tso up',
    details: { ...problem.details, outcome: 'refused' },
  });
};

type Tried = { readonly service: Service; readonly next: Service } | { readonly service: Service; readonly why: TsoError };

/**
 * Each of them, or, where the whole stack is meant, each that can; `why` for the others. FAILED_PRECONDITION: one that was named cannot, or none of
 * the stack can; as the first says it.
 */
const tried = (
  draft: Draft,
  { stack, services: names }: VerbRequest,
  attempt: (service: Service) => Service | TsoError,
): readonly Tried[] => {
  const all = chosenServices(draft, stack, names).map((service): Tried => {
    const next = attempt(service);
    return next instanceof TsoError ? { service, why: next } : { service, next };
  });
  const refused = all.find((one) => 'why' in one);
  const isRefused = refused !== undefined && 'why' in refused && (names.length > 0 || all.every((one) => 'why' in one));
  if (isRefused) throw refused.why;
  return all;
};

/** To the spec before, with its files; the stack's spec follows. None goes back where the stack that they would make is refused, as `problemOf` says. */
export const rollback = (draft: Draft, request: VerbRequest, by: VerbBy): readonly ObjectChange[] => {
  const all = tried(draft, request, (service) => missingToGoBack(draft, service) ?? goBack(service, by.now));
  const back = all.flatMap((one) => ('next' in one ? [one.next] : []));
  for (const { spec } of back) keepNetworks(draft, spec);
  const problem = problemOf(draft, request.stack, back);
  if (problem !== undefined) throw problem;
  const changes = all.map((one): ObjectChange => {
    const { service } = one;
    if ('why' in one) return noneOf(service, 'spec', one.why.message);
    const { next } = one;
    draft.putService(next);
    const changed = [...fieldChanges(service.spec, next.spec), ...contentChanges(service.files, next.files)];
    return change('service', service.spec.name, 'update', changed);
  });
  followStack(draft, request.stack, back, by);
  return changes;
};

/** An update that stands still goes on. */
export const goOn = (draft: Draft, request: VerbRequest, { now }: VerbBy): readonly ObjectChange[] =>
  tried(draft, request, (service) => continueUpdate(service, now)).map((one) => {
    const { service } = one;
    if ('why' in one) return noneOf(service, 'update', one.why.message);
    draft.putService(one.next);
    return updateOfField(service, 'update', isPaused(service.update) ? 'paused' : '', 'resumed');
  });
