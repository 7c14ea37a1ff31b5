import type { Task } from '@tso/proto';
import type { Step, StepContext } from '../step.ts';
import { type TemplateNode, withTemplates } from '../template.ts';

/** A step that sees hostname and variables of the task filled in. */
export class TemplatedStep implements Step {
  readonly #step: Step;
  readonly #node: TemplateNode;

  constructor(step: Step, node: TemplateNode) {
    this.#step = step;
    this.#node = node;
  }

  async do(context: StepContext): Promise<void> {
    await this.#step.do({ ...context, task: withTemplates(context.task, this.#node) });
  }

  undo(task: Task): Promise<void> {
    return this.#step.undo(task);
  }
}
