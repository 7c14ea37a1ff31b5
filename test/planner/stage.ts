import { isWishedRunning, type Node, type Service, type Task } from '@tso/proto';
import { byAge } from '../../manager/src/rules/task-facts.ts';
import { World } from '../../manager/src/testing/world.ts';
import { BadCommand } from './arguments.ts';
import { Loads } from './loads.ts';
import { ObedientAgents } from './obedient-agents.ts';
import { placeText, serviceText, Told } from './told.ts';

/** One story's cluster: its world, its agents, and who tells what happens there. */
export class Stage {
  readonly world: World;
  readonly agents: ObedientAgents;
  readonly told: Told;
  readonly loads: Loads;
  readonly beganAtMs: number;

  constructor(nodes: readonly Node[]) {
    this.world = new World(nodes);
    this.agents = new ObedientAgents(this.world);
    this.told = new Told(this.world);
    this.loads = new Loads(this.world);
    this.beganAtMs = this.world.now;
  }

  /** `web.2` or `web@alpha`: the newest that is wished; `web.2#1`: that one. Errors: BadCommand. */
  task(name: string): Task {
    const all = [...this.world.tables.tasks()].sort(byAge);
    const found = name.includes('#')
      ? all.find((task) => this.told.nameOf(task) === name)
      : all.find((task) => placeText(task) === name && isWishedRunning(task.desiredState));
    if (found === undefined) throw new BadCommand(`there is no task ${name} (there are ${this.#names(all)})`);
    return found;
  }

  #names(tasks: readonly Task[]): string {
    return tasks.map((task) => this.told.nameOf(task)).join(', ') || 'none';
  }

  /** Errors: BadCommand. */
  service(name: string): Service {
    const found = this.world.tables.services().find((service) => serviceText(service) === name);
    if (found === undefined) throw new BadCommand(`there is no service ${name}`);
    return found;
  }

  /** Errors: BadCommand. */
  node(id: string): Node {
    const found = this.world.tables.node(id);
    if (found === undefined) throw new BadCommand(`there is no node ${id}`);
    return found;
  }

  /** All tasks, or those of one service, by place, the newest of each place first. */
  tasks(service?: string): readonly Task[] {
    const all = this.world.tables.tasks().filter((task) => service === undefined || this.#isOf(task, service));
    return [...all].sort((a, b) => placeText(a).localeCompare(placeText(b), 'en', { numeric: true }) || byAge(a, b));
  }

  #isOf(task: Task, service: string): boolean {
    return placeText(task).startsWith(`${service}.`) || placeText(task).startsWith(`${service}@`);
  }

  /** As `runFor`, while nodes measure their tasks and services follow their load: what happened at each second, with how much had passed. */
  runUnderLoad(ms: number): readonly string[] {
    const beganAtMs = this.world.now;
    const lines: string[] = [];
    while (this.world.now < beganAtMs + ms) {
      this.runFor(1_000);
      this.loads.beat();
      const atS = Math.round((this.world.now - beganAtMs) / 1_000);
      lines.push(...this.told.take().map((line) => `after ${atS} s: ${line}`));
    }
    return lines;
  }

  /** Agents and planner go on, with time, until that much of it has passed. */
  runFor(ms: number): void {
    const { world } = this;
    const endMs = world.now + ms;
    for (;;) {
      this.agents.rest();
      if (world.now >= endMs) return;
      const nextMs = Math.min(endMs, world.wakeAtMs ?? endMs);
      world.advance(Math.max(1, nextMs - world.now));
    }
  }
}
