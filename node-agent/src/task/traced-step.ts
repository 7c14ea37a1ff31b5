import { sentenceOf, type Task } from '@tso/proto';
import type { Tracing } from '@tso/proto/tracing';
import type { Step, StepContext } from './step.ts';

const attributesOf = ({ id, stack, serviceName, slot, nodeId }: Task): Readonly<Record<string, string | number>> => ({
  'tso.task': id,
  'tso.stack': stack,
  'tso.service': serviceName,
  'tso.slot': slot,
  'tso.node': nodeId,
});

/** The same step, each of whose works is a span. */
export class TracedStep implements Step {
  readonly #name: string;
  readonly #step: Step;
  readonly #tracing: Tracing;

  constructor(name: string, step: Step, tracing: Tracing) {
    this.#name = name;
    this.#step = step;
    this.#tracing = tracing;
  }

  do(context: StepContext): Promise<void> {
    return this.#within(`task ${this.#name}`, context.task, () => this.#step.do(context));
  }

  undo(task: Task): Promise<void> {
    return this.#within(`task undo ${this.#name}`, task, () => this.#step.undo(task));
  }

  async #within(name: string, task: Task, work: () => Promise<void>): Promise<void> {
    const span = this.#tracing.begin({ name, kind: 'internal', attributes: attributesOf(task) });
    try {
      await work();
      span.end();
    } catch (error) {
      span.end(sentenceOf(error));
      throw error;
    }
  }
}
