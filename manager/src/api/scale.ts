import { type ObjectChange, type Service, ServiceMode, type ServiceScale, TsoError, UpdateState } from '@tso/proto';
import { isAutoscaled } from '../rules/autoscale.ts';
import { isByNode, isJob, isJobMode, mayHaveSeveral, slotsOf, withSlots } from '../rules/jobs.ts';
import { withoutUpdate } from '../rules/update-pace.ts';
import { wishedSlots } from '../rules/wanted.ts';
import { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';
import type { StackChanges } from './changes.ts';
import { chosenService } from './chosen-services.ts';
import { withEffects } from './effects.ts';
import { replicasProblem } from './replicas.ts';
import { completionsProblem } from './validate-job.ts';
import { duplicates, invalid } from './validate-shared.ts';
import { change, putStackSpec, type WishedBy } from './wish-parts.ts';

const fixedFields = [
  ['ipv4Address', 'an ipv4_address'],
  ['ipv6Address', 'an ipv6_address'],
  ['macAddress', 'a mac_address'],
  ['linkLocalIps', 'link_local_ips'],
] as const;

/** What only one task can have; undefined: nothing of the kind is asked for. */
const singleThing = ({ spec: { task } }: Service): string | undefined => {
  if (task.container.containerName !== '') return 'a container_name';
  return fixedFields.find(([field]) => task.networks.some((each) => each[field].length > 0))?.[1];
};

/** Why an autoscaled service cannot have so many tasks; undefined: it can, or it is not autoscaled. */
const outOfBounds = ({ spec: { name, autoscale } }: Service, replicas: number): TsoError | undefined => {
  if (autoscale === undefined || (replicas >= autoscale.min && replicas <= autoscale.max)) return undefined;
  return new TsoError(
    'FAILED_PRECONDITION',
    `service ${name} is autoscaled between ${autoscale.min} and ${autoscale.max} tasks and cannot have ${replicas}`,
    { hint: 'Change min or max of x-tso-autoscale and apply the file, or stop the service (tso stop)', details: { outcome: 'refused' } },
  );
};

const scaleProblem = (service: Service, replicas: number): TsoError | undefined => {
  const { name, mode } = service.spec;
  if (isByNode(mode)) {
    const what = mode === ServiceMode.GLOBAL ? 'it has one task on every node' : 'it runs once on every node';
    return new TsoError(
      'FAILED_PRECONDITION',
      `service ${name} is global: ${what} and has no number of ${isJobMode(mode) ? 'completions' : 'replicas'}`,
    );
  }
  const noun = isJobMode(mode) ? 'completions' : 'replicas';
  if (!Number.isSafeInteger(replicas) || replicas < 0) return invalid(`service ${name} cannot have ${replicas} ${noun}`);
  const tooMany = isJobMode(mode) ? completionsProblem(`service ${name}`, replicas) : replicasProblem(`service ${name}`, replicas);
  if (tooMany !== undefined) return tooMany;
  const outside = isAutoscaled(service) ? outOfBounds(service, replicas) : undefined;
  if (outside !== undefined) return outside;
  const { autoscale: _asItLets, ...spec } = service.spec;
  const single = mayHaveSeveral(withSlots(spec, replicas)) ? singleThing(service) : undefined;
  if (single === undefined) return undefined;
  return invalid(`service ${name} has ${single} and cannot have ${replicas} ${noun}`, `Take ${single} out of the file first`);
};

/** The service with so many tasks from now on: of an autoscaled one only the present number, which its load goes on from. */
const scaled = (service: Service, replicas: number, { changedBy, now }: ScaledBy): Service => {
  if (!isAutoscaled(service)) {
    const { unproven, previousSpec } = service;
    // An update that fails goes back by itself: that is to take back what it changed, not this.
    const former = unproven && previousSpec !== undefined ? { previousSpec: withSlots(previousSpec, replicas) } : {};
    return { ...service, spec: withSlots(service.spec, replicas), ...former };
  }
  const who = changedBy === '' ? 'somebody' : changedBy;
  const message = `went from ${wishedSlots(service)} to ${replicas}: ${who} asked for it`;
  return { ...service, autoscale: { replicas, scaledAtMs: now, message } };
};

type ScaledBy = WishedBy & {
  /** Epoch milliseconds, by the cluster's clock. */
  readonly now: number;
};

const scaleOne = (draft: Draft, service: Service, replicas: number, by: ScaledBy): ObjectChange => {
  const { name } = service.spec;
  const there = wishedSlots(service);
  if (there === replicas) return change('service', name, 'none');
  const next = scaled(service, replicas, by);
  draft.putService(service.update?.state === UpdateState.ROLLBACK_COMPLETED ? withoutUpdate(next) : next);
  const path = isJob(service) ? 'job.totalCompletions' : isAutoscaled(service) ? 'autoscale.replicas' : 'replicas';
  return change('service', name, 'update', [{ path, from: String(there), to: String(replicas) }]);
};

/**
 * What it takes to give services another number of replicas, or jobs of completions; all of them or none. One that is stopped stays so and has the
 * number when it is started. NOT_FOUND: no such stack or service. FAILED_PRECONDITION: a global one, or an autoscaled one beyond its bounds.
 * INVALID_ARGUMENT: more than it may have, or two numbers for one.
 */
export const scaleChanges = (view: View, stack: string, scales: readonly ServiceScale[], by: ScaledBy): StackChanges => {
  const draft = new Draft(view);
  const before = view.stackByName(stack);
  if (before === undefined) throw new TsoError('NOT_FOUND', `there is no stack ${stack}`, { hint: 'tso ls lists the stacks' });
  const [twice] = duplicates(scales.map(({ service }) => service));
  if (twice !== undefined) throw invalid(`service ${twice} is given two numbers`, 'Name it once');
  const changes = scales.map(({ service: name, replicas }) => {
    const service = chosenService(draft, stack, name);
    const problem = scaleProblem(service, replicas);
    if (problem !== undefined) throw problem;
    return scaleOne(draft, service, replicas, by);
  });
  // A wish like another: who expected the stack as it was is to hear of it.
  const replicas = new Map(scales.map((scale) => [scale.service, scale.replicas]));
  const services = before.spec.services.map((service) =>
    service.autoscale === undefined ? withSlots(service, replicas.get(service.name) ?? slotsOf(service)) : service,
  );
  putStackSpec(draft, { ...before.spec, services }, by);
  return { actions: draft.actions(), changes: withEffects(view, draft, stack, changes), warnings: [] };
};
