import { ServiceMode, type ServiceSpec, type TsoError } from '@tso/proto';
import { memoryBase } from '../rules/autoscale-load.ts';
import { replicasProblem } from './replicas.ts';
import { invalid, isCount, isDuration } from './validate-shared.ts';

/** A mean beyond that no load comes to. */
const mostPercent = 10_000;

/** What is wrong with how a service is to be autoscaled. */
export const autoscaleProblems = function* (at: string, { mode, autoscale, task }: ServiceSpec): Iterable<TsoError> {
  if (autoscale === undefined) return;
  const { min, max, cpuPercent, memoryPercent, coolDownMs } = autoscale;
  if (mode !== ServiceMode.REPLICATED)
    yield invalid(`${at}: only a replicated service can be autoscaled`, 'Leave x-tso-autoscale out, or the mode');
  if (!isCount(min) || min < 1)
    yield invalid(`${at}: x-tso-autoscale.min cannot be ${min}`, 'It is at least 1; tso stop takes all tasks away');
  if (!isCount(max) || max < min) yield invalid(`${at}: x-tso-autoscale.max ${max} is below min ${min}`);
  const tooMany = replicasProblem(`${at}: x-tso-autoscale.max`, max);
  if (tooMany !== undefined) yield tooMany;
  if (cpuPercent === 0 && memoryPercent === 0)
    yield invalid(`${at}: x-tso-autoscale says neither cpu nor memory to go by`, 'Give it cpu: 70%, memory: 80% or both');
  for (const [word, percent] of [
    ['cpu', cpuPercent],
    ['memory', memoryPercent],
  ] as const)
    if (!isCount(percent) || percent > mostPercent)
      yield invalid(`${at}: x-tso-autoscale.${word} cannot be ${percent} %`, `It goes from 1 to ${mostPercent}`);
  if (memoryPercent > 0 && memoryBase(task) === 0)
    yield invalid(
      `${at}: x-tso-autoscale.memory is a part of what a task has reserved, and it reserves nothing`,
      'Add deploy.resources.reservations.memory or limits.memory',
    );
  if (!isDuration(coolDownMs)) yield invalid(`${at}: x-tso-autoscale.cool_down is negative`);
};
