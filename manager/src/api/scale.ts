import { type Service, ServiceMode, type ServiceScale, TsoError, UpdateState } from '@tso/proto';
import { serviceNamed } from '../rules/dependencies.ts';
import { isByNode, isJob, isJobMode, mayHaveSeveral, slotsOf, withSlots } from '../rules/jobs.ts';
import { withoutUpdate } from '../rules/update-pace.ts';
import { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';
import type { StackChanges } from './changes.ts';
import { withEffects } from './effects.ts';
import { completionsProblem } from './validate-job.ts';
import { replicasProblem } from './validate-service.ts';
import { change, putStackSpec, type WishedBy } from './wish-parts.ts';

const scaleProblem = (service: Service, replicas: number): TsoError | undefined => {
  const { name, mode, task } = service.spec;
  if (isByNode(mode)) {
    const what = mode === ServiceMode.GLOBAL ? 'it has one task on every node' : 'it runs once on every node';
    return new TsoError(
      'FAILED_PRECONDITION',
      `service ${name} is global: ${what} and has no number of ${isJobMode(mode) ? 'completions' : 'replicas'}`,
    );
  }
  const tooMany = isJobMode(mode) ? completionsProblem(`service ${name}`, replicas) : replicasProblem(`service ${name}`, replicas);
  if (tooMany !== undefined) return tooMany;
  if (!mayHaveSeveral(withSlots(service.spec, replicas))) return undefined;
  const fixed = (
    [
      ['ipv4Address', 'an ipv4_address'],
      ['ipv6Address', 'an ipv6_address'],
      ['macAddress', 'a mac_address'],
      ['linkLocalIps', 'link_local_ips'],
    ] as const
  ).find(([field]) => task.networks.some((each) => each[field].length > 0));
  const single = task.container.containerName === '' ? fixed?.[1] : 'a container_name';
  if (single === undefined) return undefined;
  return new TsoError(
    'INVALID_ARGUMENT',
    `service ${name} has ${single} and cannot have ${replicas} ${isJobMode(mode) ? 'completions' : 'replicas'}`,
    {
      hint: `Take ${single} out of the file first`,
    },
  );
};

/**
 * What it takes to give services another number of replicas, or jobs of completions. NOT_FOUND: no such stack or service; FAILED_PRECONDITION:
 * a global one; INVALID_ARGUMENT: more than it may have.
 */
export const scaleChanges = (view: View, stack: string, scales: readonly ServiceScale[], options: WishedBy): StackChanges => {
  const draft = new Draft(view);
  const before = view.stackByName(stack);
  if (before === undefined) throw new TsoError('NOT_FOUND', `there is no stack ${stack}`, { hint: 'tso ls lists the stacks' });
  const changes = scales.map(({ service: name, replicas }) => {
    const service = serviceNamed(draft, stack, name);
    if (service === undefined) throw new TsoError('NOT_FOUND', `stack ${stack} has no service ${name}`);
    const problem = scaleProblem(service, replicas);
    if (problem !== undefined) throw problem;
    const there = slotsOf(service.spec);
    if (there === replicas) return change('service', name, 'none');
    const scaled = { ...service, spec: withSlots(service.spec, replicas) };
    draft.putService(service.update?.state === UpdateState.ROLLBACK_COMPLETED ? withoutUpdate(scaled) : scaled);
    const path = isJob(service) ? 'job.totalCompletions' : 'replicas';
    return change('service', name, 'update', [{ path, from: String(there), to: String(replicas) }]);
  });
  // A wish like another: who expected the stack as it was is to hear of it.
  const replicas = new Map(scales.map((scale) => [scale.service, scale.replicas]));
  const services = before.spec.services.map((service) => withSlots(service, replicas.get(service.name) ?? slotsOf(service)));
  putStackSpec(draft, { ...before.spec, services }, options);
  return { actions: draft.actions(), changes: withEffects(view, draft, stack, changes), warnings: [] };
};
