import { PullPolicy, type StackSpec, TsoError } from '@tso/proto';
import type { Scale } from '../options.ts';
import { FlagProblem } from './service-flags/flag.ts';
import { withReplicas } from './service-flags/rollout.ts';

/** What the command line says about a stack beside its files. */
export interface SpecWishes {
  readonly scale?: readonly Scale[];
  readonly pull?: 'always' | 'missing' | 'never';
}

const pullPolicies = { always: PullPolicy.PULL_ALWAYS, missing: PullPolicy.PULL_MISSING, never: PullPolicy.PULL_NEVER } as const;

const refused = (error: unknown): unknown =>
  error instanceof FlagProblem
    ? new TsoError('INVALID_ARGUMENT', error.message, error.hint === undefined ? {} : { hint: error.hint })
    : error;

/** The wish with what the command line says about it. */
export const adjustSpec = (spec: StackSpec, { scale: scales = [], pull }: SpecWishes): StackSpec => {
  const unknown = scales.find((scale) => !spec.services.some((service) => service.name === scale.service));
  if (unknown !== undefined) {
    throw new TsoError(
      'NOT_FOUND',
      `--scale ${unknown.service}=${unknown.replicas}: there is no service ${unknown.service} in ${spec.name}`,
      {
        hint: `It has: ${spec.services.map((service) => service.name).join(', ')}.`,
      },
    );
  }
  const pullPolicy = pull === undefined ? undefined : pullPolicies[pull];
  const services = spec.services.map((service) => {
    const said = scales.findLast((one) => one.service === service.name);
    try {
      const after = said === undefined ? service : withReplicas(service, said.replicas, `--scale ${said.service}=${said.replicas}`);
      if (pullPolicy === undefined) return after;
      return { ...after, task: { ...after.task, container: { ...after.task.container, pullPolicy } } };
    } catch (error) {
      throw refused(error);
    }
  });
  return { ...spec, services };
};
