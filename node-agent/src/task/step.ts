import type { Task } from '@tso/proto';
import type { Image } from '../image/types.ts';
import type { ResolvedMount } from '../runtime/types.ts';

/** What the steps of one task hand to each other. Filled in order; a step may rely on those before it. */
export interface StepState {
  image?: Image;
  /** Of hooks that have one of their own, by the name that they say. */
  hookImages?: ReadonlyMap<string, Image>;
  /** Of mounts of images, by what they name. */
  mountImages?: ReadonlyMap<string, Image>;
  /** What was asked for and has no effect here, a phrase each: said with its state. */
  notes?: readonly string[];
  rootfs?: string;
  mounts?: readonly ResolvedMount[];
  /** Secrets and configs. */
  files?: readonly ResolvedMount[];
  netns?: string | undefined;
  /** Of the task whose network it lives in. */
  hostname?: string;
  /** Variables for its environment, as KEY=value. */
  linkEnv?: readonly string[];
}

export interface StepContext {
  readonly task: Task;
  readonly state: StepState;
  /** The image an earlier agent chose for this task; empty: none yet. What was begun with one image goes on with it. */
  readonly imageId: string;
  /** Aborted when the task is no longer wished to run. */
  readonly signal: AbortSignal;
  /** What a person sees meanwhile: "pulling 2 of 5 layers". */
  readonly say: (message: string) => void;
}

/** One part of preparing a task. do() may be repeated; undo() works whatever was done, also after a crash in the middle. */
export interface Step {
  do(context: StepContext): Promise<void>;
  undo(task: Task): Promise<void>;
}
