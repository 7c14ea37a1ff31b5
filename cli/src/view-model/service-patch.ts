import type { ServiceSpec } from '@tso/proto';
import { containerFlags } from './service-flags/container.ts';
import { FlagProblem, type FlagTools, type ServiceFlag } from './service-flags/flag.ts';
import { healthFlags } from './service-flags/health.ts';
import { listFlags } from './service-flags/lists.ts';
import { mountFlags } from './service-flags/mounts.ts';
import { networkFlags } from './service-flags/network.ts';
import { placementFlags } from './service-flags/placement.ts';
import { rolloutServiceFlags } from './service-flags/rollout.ts';

/** All flags by what they are about. */
export const serviceFlagGroups: readonly { readonly title: string; readonly flags: readonly ServiceFlag[] }[] = [
  { title: 'How many, and how they come and go:', flags: rolloutServiceFlags },
  { title: 'The container:', flags: containerFlags },
  { title: 'Variables, labels and other lists of it:', flags: listFlags },
  { title: 'Its health check:', flags: healthFlags },
  { title: 'Where it runs and what it takes:', flags: placementFlags },
  { title: 'Ports and networks:', flags: networkFlags },
  { title: 'Mounts, secrets and configs:', flags: mountFlags },
];

/**
 * Every flag that changes what a service is, in the order in which they are carried out: what is removed goes before what is added, so
 * that one command can replace.
 */
export const serviceFlags: readonly ServiceFlag[] = serviceFlagGroups.flatMap(({ flags }) => flags);

/** A flag with what it was told. */
export interface GivenFlag {
  readonly flag: ServiceFlag;
  readonly values: readonly string[];
}

/** The flags that were given, in the order in which they are carried out. `valuesOf` says what each was told; undefined: it was not. */
export const givenFlags = (valuesOf: (flag: ServiceFlag) => readonly string[] | undefined): readonly GivenFlag[] =>
  serviceFlags.flatMap((flag) => {
    const values = valuesOf(flag);
    return values === undefined ? [] : [{ flag, values }];
  });

/** Nothing is no entry of a list; what there is only one of may be told to be nothing. */
const checkEmpty = ({ flag, values }: GivenFlag): void => {
  if (flag.repeatable === true && values.some((value) => value.trim() === '')) {
    throw new FlagProblem(
      `--${flag.name}: it is told nothing`,
      `Write --${flag.name} ${(flag.value ?? '').replace(/[<>]/g, '').toUpperCase()}.`,
    );
  }
};

/** The service as the flags make it. Fails with a FlagProblem that names the flag. */
export const patchService = (spec: ServiceSpec, given: readonly GivenFlag[], tools: FlagTools): ServiceSpec =>
  given.reduce((before, one) => {
    checkEmpty(one);
    return one.flag.apply(before, one.values, tools);
  }, spec);

/** With `--force`: every task is replaced, whatever else is changed. */
export const forced = (spec: ServiceSpec): ServiceSpec => ({ ...spec, task: { ...spec.task, forceUpdate: spec.task.forceUpdate + 1 } });
