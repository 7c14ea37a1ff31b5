import { assert, HealthState, isWishedRunning, type Task, TaskState } from '@tso/proto';
import { isAssigned, isLive } from '../../manager/src/rules/task-facts.ts';
import type { World } from '../../manager/src/testing/world.ts';
import { BadCommand } from './arguments.ts';

/**
 * What becomes of containers of an image: they run; exit at once; complete at once; cannot be made; run and never get healthy; do not
 * come up; do not stop when asked to.
 */
const behaviours = ['runs', 'fails', 'completes', 'rejected', 'unhealthy', 'stuck', 'lingers'] as const;
type Behaviour = (typeof behaviours)[number];

const goalOf = (task: Task): TaskState => (isWishedRunning(task.desiredState) ? task.desiredState : TaskState.SHUTDOWN);

/** What an end by itself takes, so that no task is as old as the one that follows it. */
const endMs = 1;

/** The agents of all nodes: each does at once what it is told, as far as the image lets it. */
export class ObedientAgents {
  readonly #world: World;
  readonly #images = new Map<string, Behaviour>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Errors: BadCommand for a behaviour that there is not. */
  set(image: string, behaviour: string): void {
    const known = behaviours.find((name) => name === behaviour);
    if (known === undefined) throw new BadCommand(`an image ${behaviours.join(', or ')}; not ${behaviour}`);
    this.#images.set(image, known);
  }

  /** One round: each task gets as far as is wished. Returns whether any moved. */
  round(): boolean {
    let moved = false;
    for (const { id } of this.#world.tables.tasks().filter((task) => isLive(task) && isAssigned(task))) {
      const task = this.#world.tables.task(id);
      if (task !== undefined && isLive(task) && this.#move(task)) moved = true;
    }
    return moved;
  }

  /** With the planner by turns, until nothing moves without time passing. */
  rest(): void {
    this.#world.settle();
    for (let round = 0; this.round(); round += 1) assert(round < 100, 'agents and planner must come to rest');
  }

  #move(task: Task): boolean {
    const goal = goalOf(task);
    const behaviour = this.#images.get(task.spec.container.image) ?? 'runs';
    if (goal === TaskState.SHUTDOWN) {
      if (behaviour === 'lingers') return false;
      this.#world.report(task, { state: TaskState.SHUTDOWN });
      return true;
    }
    if (behaviour === 'stuck') return false;
    if (behaviour === 'rejected') {
      this.#world.now += endMs;
      this.#world.report(task, { state: TaskState.REJECTED, error: `no such image: ${task.spec.container.image}` });
      return true;
    }
    if (task.status.state < goal) {
      const checked = goal === TaskState.RUNNING && (task.spec.container.healthCheck?.test[0] ?? 'NONE') !== 'NONE';
      const seen = behaviour === 'unhealthy' ? HealthState.HEALTH_STARTING : HealthState.HEALTHY;
      this.#world.report(task, { state: goal, health: checked ? seen : HealthState.HEALTH_NONE });
      return true;
    }
    if (task.status.state !== TaskState.RUNNING || (behaviour !== 'fails' && behaviour !== 'completes')) return false;
    this.#world.now += endMs;
    if (behaviour === 'fails') this.#world.report(task, { state: TaskState.FAILED, exitCode: 1, error: 'exit code 1' });
    else this.#world.report(task, { state: TaskState.COMPLETE, exitCode: 0 });
    return true;
  }
}
