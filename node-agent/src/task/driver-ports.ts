import type { Clock, Logger, Task, TaskStatus } from '@tso/proto';
import type { HealthMonitor } from '../health/monitor.ts';
import type { LocalState } from '../local-state.ts';
import type { Containers } from '../runtime/types.ts';
import type { TaskHooks } from './hooks.ts';
import type { StepName } from './machine.ts';
import type { PreStartHooks } from './pre-start.ts';
import type { Step, StepContext } from './step.ts';
import type { StepSlots } from './step-slots.ts';

/** What drives a task, beside the task itself. */
export interface TaskDriverPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly localState: LocalState;
  readonly containers: Containers;
  readonly health: HealthMonitor;
  readonly steps: Readonly<Record<StepName, Step>>;
  readonly hooks: Pick<TaskHooks, 'postStart' | 'preStop'>;
  readonly preStart: Pick<PreStartHooks, 'run'>;
  readonly slots: StepSlots;
  readonly pullSlots: StepSlots;
  /** Resolves once that task has its network and its container, or will not come to have them; rejects when the signal is aborted. */
  readonly prepared: (taskId: string, signal: AbortSignal) => Promise<void>;
  /** Whose namespaces it shares, when that has ended: a word for it; else empty. */
  readonly lenderEnded: (task: Task) => string;
  /** Resolves once its secrets and configs were sent here; rejects when the signal is aborted, or when they do not come. */
  readonly filesArrived: (task: Task, context: Pick<StepContext, 'signal' | 'say'>) => Promise<void>;
  /** A new status, already durable here. */
  readonly onStatus: (taskId: string, status: TaskStatus) => void;
  /** What the task publishes changed; resolves once the published ports follow, or could not. Never rejects. */
  readonly onServing: (task: Task) => Promise<void>;
  /** Cleaned up and no longer assigned: its logs, its record and the driver itself are to go. */
  readonly forget: (taskId: string) => Promise<void>;
}
