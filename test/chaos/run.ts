import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clients } from '../consensus/clients.ts';
import { History } from '../consensus/history.ts';
import { ClusterLab } from '../lab/hosts/cluster-lab.ts';
import { Chance, derivedSeed } from '../simulation/chance.ts';
import type { ChaosOptions } from './arguments.ts';
import { drainWithRequests } from './drain.ts';
import { ChaosService, serviceName, stackName } from './service.ts';
import { diskHost, type Step, steps } from './steps.ts';
import { Watch } from './watch.ts';

/** What a run did, and what was wrong in the end; nothing when every promise held. */
export interface ChaosReport {
  readonly faults: readonly string[];
  readonly operations: number;
  readonly unanswered: number;
  readonly requests: number;
  /** Looks at what runs. */
  readonly looks: number;
  /** From a fault undone to everything as promised. */
  readonly slowestConvergence: { readonly ms: number; readonly after: string };
  readonly problems: readonly string[];
  /** Folder with the logs of a run that failed. */
  readonly kept?: string;
}

const clientCount = 6;
const diskMiB = 256;
/** After a fault is undone: nodes come back, managers elect, tasks are placed and start, all on one small machine. */
const convergeMs = 45_000;
/** Three missed heartbeats and some: who was out of touch is down by then, or is not going to be. */
const undecidedMs = 3_500;
/** The longest that work may stand still while a majority is there. */
const progressMs = 20_000;
const operationsPerStep = 40;
const drain = 'drain';

/** Kinds of steps, by the names that --only takes. */
export const kinds: readonly string[] = [...Object.keys(steps), drain];

/** One run over a cluster of its own. Nothing of it is left but the logs of a failure. */
export class Chaos {
  readonly #options: ChaosOptions;
  readonly #say: (line: string) => void;
  readonly #faults: string[] = [];
  readonly #history = new History();
  readonly #excused = new Set<string>();
  #requests = 0;
  #slowest = { ms: 0, after: 'nothing' };

  /** @param say what happens, a line at a time */
  constructor(options: ChaosOptions, say: (line: string) => void) {
    this.#options = options;
    this.#say = say;
  }

  async run(): Promise<ChaosReport> {
    const { seed, workers } = this.#options;
    const cluster = await ClusterLab.start({ managers: 3, workers, clocks: true, disks: { [diskHost]: diskMiB }, agentArgs: [] });
    const service = new ChaosService(cluster);
    const clients = new Clients(this.#history, {
      count: clientCount,
      targets: () => cluster.managers.map(({ socket }) => `unix:${socket}`),
      seed: derivedSeed(seed, 1),
      deadlineMs: 8_000,
      pauseMs: 60,
    });
    const watch = new Watch(service, () => this.#excused);
    const problems: string[] = [];
    let kept: string | undefined;
    try {
      await service.start();
      clients.start();
      watch.start();
      await this.#steps({ cluster, service, clients, watch });
      await clients.stop();
      await clients.readAll(cluster.managers.map(({ socket }) => `unix:${socket}`));
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    } finally {
      await clients.stop();
      await watch.stop();
      problems.push(...watch.violations, ...new Set(clients.unexpected));
      const wrong = await this.#history.problem(`chaos-${seed}`);
      if (wrong !== undefined) problems.push(wrong);
      if (problems.length > 0) kept = await this.#keep(cluster, problems);
      await cluster.destroy();
    }
    return {
      faults: this.#faults,
      operations: clients.succeeded,
      unanswered: this.#history.count('info'),
      requests: this.#requests,
      looks: watch.looks,
      slowestConvergence: this.#slowest,
      problems,
      ...(kept === undefined ? {} : { kept }),
    };
  }

  async #steps(run: Running): Promise<void> {
    const chance = new Chance(derivedSeed(this.#options.seed, 2));
    const endAt = performance.now() + this.#options.minutes * 60_000;
    const from = this.#options.only ?? kinds;
    await run.clients.progress(operationsPerStep, 'before anything happens');
    const isEnough = (done: number): boolean => {
      const { steps, operations, looks } = this.#options.atLeast ?? { steps: 0, operations: 0, looks: 0 };
      return performance.now() >= endAt && done >= steps && run.clients.succeeded >= operations && run.watch.looks >= looks;
    };
    for (let index = 0; !isEnough(index); index += 1) {
      // A source for each step: what the one before has drawn changes nothing.
      const own = new Chance(derivedSeed(this.#options.seed, 100 + index));
      const kind = chance.pick(from) ?? drain;
      if (kind === drain) await this.#drain(run, own);
      else await this.#fault(run, own, kind);
      if (run.watch.violations.length > 0) throw new Error('a slot ran twice');
    }
  }

  async #fault(run: Running, chance: Chance, kind: string): Promise<void> {
    const { cluster, service, clients } = run;
    const begin = steps[kind];
    if (begin === undefined) throw new Error(`there is no step ${kind}`);
    // Before it is done: afterwards it may be too late to be excused.
    const step = await this.#excusing(cluster, () => begin({ cluster, service, chance }));
    this.#note(step.name);
    try {
      await this.#hold(step, chance, clients);
    } finally {
      await step.undo();
    }
    await this.#converged(run, step.name, step.outOfTouch.length > 0);
  }

  /** While a fault begins anybody may be concerned; then those that it says. */
  async #excusing(cluster: ClusterLab, begin: () => Promise<Step>): Promise<Step> {
    for (const { name } of cluster.members) this.#excused.add(name);
    const step = await begin();
    const concerned = new Set(step.outOfTouch.map(({ name }) => name));
    for (const { name } of cluster.members) if (!concerned.has(name)) this.#excused.delete(name);
    return step;
  }

  async #hold(step: Step, chance: Chance, clients: Clients): Promise<void> {
    const holdMs = chance.between(200, 6_000);
    const until = performance.now() + holdMs;
    if (step.majority) await clients.progress(operationsPerStep, `during: ${step.name}`, progressMs);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, until - performance.now())));
  }

  async #drain(run: Running, chance: Chance): Promise<void> {
    const { cluster, service } = run;
    const host = chance.pick(cluster.members);
    const from = chance.pick(cluster.members.filter((it) => it !== host));
    if (host === undefined || from === undefined) throw new Error('there is nobody to drain');
    this.#note(`drain ${host.name}, asked from ${from.name}`);
    this.#requests += await drainWithRequests(cluster, service, host, from);
    await this.#converged(run, `drain ${host.name}`, false);
  }

  /** @param touched whether hosts were out of touch: the managers may yet find that one was silent for too long */
  async #converged({ cluster, service, clients }: Running, after: string, touched: boolean): Promise<void> {
    const beganAt = performance.now();
    if (touched) await cluster.calm(undecidedMs, convergeMs);
    else await cluster.settled(convergeMs);
    await cluster.spread(stackName, serviceName, service.replicas, { deadlineMs: convergeMs });
    await cluster.spread(stackName, 'client', cluster.members.length, { deadlineMs: convergeMs, slots: false });
    await service.learn();
    this.#excused.clear();
    const ms = performance.now() - beganAt;
    if (ms > this.#slowest.ms) this.#slowest = { ms, after };
    await clients.progress(operationsPerStep, `after: ${after}`, progressMs);
  }

  #note(fault: string): void {
    this.#faults.push(fault);
    this.#say(`step ${this.#faults.length}: ${fault}`);
  }

  async #keep(cluster: ClusterLab, problems: readonly string[]): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'tso-chaos-'));
    await writeFile(join(folder, 'faults'), `${[...this.#faults, '', ...problems].join('\n')}\n`);
    await writeFile(join(folder, 'history.jsonl'), this.#history.text);
    await cluster.lab.keepLogs(folder);
    return folder;
  }
}

interface Running {
  readonly cluster: ClusterLab;
  readonly service: ChaosService;
  readonly clients: Clients;
  readonly watch: Watch;
}

/** For people. */
export const reportText = ({ seed, minutes, workers }: ChaosOptions, report: ChaosReport): string => {
  const { faults, operations, unanswered, requests, looks, slowestConvergence, problems, kept } = report;
  const did = `${faults.length} steps, ${operations} operations of clients (${unanswered} without an answer), ${requests} requests during drains, ${looks} looks at what runs`;
  if (problems.length > 0)
    return [
      `seed ${seed}, step ${faults.length}: ${problems.join('\n')}`,
      `faults so far:`,
      ...faults.map((fault, index) => `  ${index + 1}. ${fault}`),
      did,
      `logs and history: ${kept}`,
      `again: npm run chaos -- --seed ${seed} --minutes ${minutes} --workers ${workers}`,
    ].join('\n');
  return [
    `seed ${seed}: every promise held in ${did}`,
    `the history is linearizable; slowest convergence ${(slowestConvergence.ms / 1_000).toFixed(1)} s, after: ${slowestConvergence.after}`,
  ].join('\n');
};
