import type { TaskUsage } from '@tso/proto';
import type { TaskFigures } from '../rules/autoscale-load.ts';

/** Over how long a mean is taken at least, and so many heartbeats when these are rarer. */
const windowMs = 10_000;
const windowBeats = 3;
/** Of less time than that a mean says too little. */
const leastSpanMs = 1_500;
/** Samples kept of a task: those that come faster take each other's place. */
const mostSamples = 16;
/** Tasks that are measured in all; of more the rest go without. Some 1 KiB of memory each. */
const mostTasks = 50_000;

interface Sample extends Omit<TaskUsage, 'taskId'> {
  /** When it was heard, by the cluster's clock. */
  readonly heardAtMs: number;
}

interface Page {
  readonly nodeId: string;
  /** Of the agent that says it: another one may count from another beginning. */
  readonly session: number;
  readonly samples: readonly Sample[];
}

const isSound = ({ atMs, cpuNs, memoryBytes }: TaskUsage): boolean =>
  [atMs, cpuNs, memoryBytes].every((value) => Number.isFinite(value) && value >= 0);

/**
 * What tasks took lately, as their nodes say it with their heartbeats: in the memory of whoever leads, and nowhere else. Only what was asked
 * for is kept.
 */
export class UsageBook {
  readonly #windowMs: number;
  readonly #pages = new Map<string, Page>();
  #wanted: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(options: { readonly heartbeatMs: number }) {
    this.#windowMs = Math.max(windowMs, windowBeats * options.heartbeatMs);
  }

  /** Which tasks are to be measured, by node. What is known of others is forgotten. */
  want(wanted: ReadonlyMap<string, readonly string[]>): void {
    let left = mostTasks;
    const bounded = new Map<string, readonly string[]>();
    for (const [nodeId, taskIds] of wanted) {
      if (left > 0) bounded.set(nodeId, taskIds.slice(0, left));
      left -= taskIds.length;
    }
    this.#wanted = bounded;
    const known = new Set([...bounded.values()].flat());
    for (const taskId of this.#pages.keys()) if (!known.has(taskId)) this.#pages.delete(taskId);
  }

  /** What that node is to measure. */
  wantedOf(nodeId: string): readonly string[] {
    return this.#wanted.get(nodeId) ?? [];
  }

  /** Tasks that something is known of. */
  get size(): number {
    return this.#pages.size;
  }

  take(nodeId: string, session: number, usage: readonly TaskUsage[], nowMs: number): void {
    if (usage.length === 0) return;
    const wanted = new Set(this.wantedOf(nodeId));
    for (const one of usage) if (wanted.has(one.taskId) && isSound(one)) this.#note(nodeId, session, one, nowMs);
  }

  /** Its means since that instant, of the last seconds at most; undefined: too little is known, or nothing that is new. */
  figures(taskId: string, sinceMs: number, nowMs: number): TaskFigures | undefined {
    const fromMs = Math.max(sinceMs, nowMs - this.#windowMs);
    const samples = (this.#pages.get(taskId)?.samples ?? []).filter(({ heardAtMs }) => heardAtMs >= fromMs);
    const [first, last] = [samples[0], samples.at(-1)];
    if (first === undefined || last === undefined || last.atMs - first.atMs < leastSpanMs) return undefined;
    const nanoCpus = ((last.cpuNs - first.cpuNs) / ((last.atMs - first.atMs) * 1e6)) * 1e9;
    return { nanoCpus, memoryBytes: samples.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) / samples.length };
  }

  #note(nodeId: string, session: number, { taskId, atMs, cpuNs, memoryBytes }: TaskUsage, nowMs: number): void {
    const page = this.#pages.get(taskId);
    const last = page?.samples.at(-1);
    const goesOn = page?.nodeId === nodeId && page.session === session && last !== undefined && atMs > last.atMs && cpuNs >= last.cpuNs;
    const sample: Sample = { atMs, cpuNs, memoryBytes, heardAtMs: nowMs };
    this.#pages.set(taskId, { nodeId, session, samples: goesOn ? this.#withSample(page.samples, sample) : [sample] });
  }

  #withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
    const kept = samples.filter(({ heardAtMs }) => heardAtMs > sample.heardAtMs - this.#windowMs);
    const [before, last] = [kept.at(-2), kept.at(-1)];
    const isDense = before !== undefined && last !== undefined && last.heardAtMs - before.heardAtMs < this.#windowMs / mostSamples;
    return [...(isDense ? kept.slice(0, -1) : kept), sample].slice(-mostSamples);
  }
}
