import type { Service, Task } from '@tso/proto';
import { hopelessText } from '../rules/convergence.ts';
import { type UnmetDependency, unmetDependencies } from '../rules/dependencies.ts';
import type { Known } from '../rules/known.ts';
import type { View } from '../store/view.ts';
import type { Pass } from './pass.ts';

const conditionText = (condition: string): string => {
  if (condition === 'service_healthy') return 'to be healthy';
  return condition === 'service_completed_successfully' ? 'to complete' : 'to start';
};

const waitsFor = (view: View, unmet: UnmetDependency, known: Known): string | undefined => {
  const { service: name, condition, required } = unmet.dependency;
  const failure = hopelessText(view, unmet, known);
  if (failure !== undefined && !required) return undefined;
  return `waits for ${name} ${conditionText(condition)}${failure === undefined ? '' : `, but ${failure}`}`;
};

/** What the first start of what the service is now waits for; undefined when nothing, or when it was started before. */
export const firstStartHold = (view: View, service: Service, known: Known): string | undefined => {
  const waits = unmetDependencies(view, service, known).flatMap((unmet) => waitsFor(view, unmet, known) ?? []);
  return waits.length === 0 ? undefined : waits.join('; ');
};

/** Whether the task's restart delay is not over; asks for a plan when it is. */
export const isDelayed = (pass: Pass, task: Task): boolean => {
  if (task.notBeforeMs <= pass.now) return false;
  pass.wakeAt(task.notBeforeMs);
  return true;
};
