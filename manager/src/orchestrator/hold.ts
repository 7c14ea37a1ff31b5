import type { DependsOn, Service, Task } from '@tso/proto';
import { awaitsFirstStart, dependencyMet, failureOf, serviceNamed } from '../rules/convergence.ts';
import type { View } from '../store/view.ts';
import type { Pass } from './pass.ts';

const conditionText = (condition: string): string => {
  if (condition === 'service_healthy') return 'to be healthy';
  return condition === 'service_completed_successfully' ? 'to complete' : 'to start';
};

const waitsFor = (view: View, service: Service, dependency: DependsOn): string | undefined => {
  const other = serviceNamed(view, service.stack, dependency.service);
  if (other === undefined || dependencyMet(view, other, dependency.condition)) return undefined;
  const failure = failureOf(view, other, new Set([service.id]));
  if (failure !== undefined && !dependency.required) return undefined;
  return `waits for ${dependency.service} ${conditionText(dependency.condition)}${failure === undefined ? '' : `, but ${failure}`}`;
};

/** What the service's first start waits for; undefined when nothing, or when it was started before. */
export const firstStartHold = (view: View, service: Service): string | undefined => {
  if (service.spec.dependsOn.length === 0 || !awaitsFirstStart(view, service)) return undefined;
  const waits = service.spec.dependsOn.flatMap((dependency) => waitsFor(view, service, dependency) ?? []);
  return waits.length === 0 ? undefined : waits.join('; ');
};

/** Whether the task's restart delay is not over; asks for a plan when it is. */
export const isDelayed = (pass: Pass, task: Task): boolean => {
  if (task.notBeforeMs <= pass.now) return false;
  pass.wakeAt(task.notBeforeMs);
  return true;
};
