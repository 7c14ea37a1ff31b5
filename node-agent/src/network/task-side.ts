import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type Logger, type NetworkAssignment, sentenceOf, TsoError } from '@tso/proto';
import { inParallel } from '../image/in-parallel.ts';
import { isNamespace, Namespaces, rulesLoad, setSysctls } from './netns.ts';
import { Sharing } from './sharing.ts';
import { TaskBalancer } from './task-balancer.ts';
import { TaskGlances } from './task-glance.ts';
import { taskAddressLines, taskLinkLines, taskNameLines, taskRuleLines6, taskSysctls } from './task-interfaces.ts';
import { nextInTurn } from './task-look.ts';
import { TaskMender } from './task-mender.ts';
import { type AttachedTask, decodeTask, encodeTask, isFileId } from './task-plan.ts';
import { guardProbe, newTaskRules, taskRules } from './task-rules.ts';

/** A namespace that was just removed gives back its MAC addresses a moment later. */
const busyMac = 'Address already in use';
const busyRetryMs = 10;
const busyLimitMs = 3_000;
/** What an older kernel says when the host has a device with the name that one in a task's namespace is to get. */
const takenName = 'File exists';

/** Namespaces that are looked into with one call of `check` since something was seen to have changed in them. */
const urgentLooks = 50;
/** Others that have their turn with a call, at 10 ms of processor time each: of many tasks fewer, so that all of it stays below a hundredth of a core. */
const looksInTurn = (tasks: number): number => (tasks <= 20 ? 8 : 4);
const parallelLooks = 2;

/** Namespaces of tasks: `DIR/<taskId>` is the namespace, `DIR/<taskId>.json` says that it is complete and what it has. */
export class TaskSide {
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #namespaces: Namespaces;
  readonly #balancer: TaskBalancer;
  readonly #sharing: Sharing;
  readonly #mender: TaskMender;
  readonly #tasks = new Map<string, AttachedTask>();
  readonly #byAddress = new Map<string, AttachedTask>();
  /** What is under way for a task; the next operation on it waits. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #glances = new TaskGlances();
  /** What was seen of a namespace when nothing was missing in it. */
  readonly #soundGlances = new Map<string, string>();
  /** The task that was looked at last in turn. */
  #lookedAt = '';
  #guard = false;
  /** Interfaces are made with their own names, until a kernel was met that cannot (see task-interfaces.ts). */
  #named = true;

  constructor(options: { readonly dir: string }, ports: { readonly clock: Clock; readonly logger: Logger }) {
    this.#dir = options.dir;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#namespaces = new Namespaces(options, ports);
    this.#sharing = new Sharing(options);
    this.#balancer = new TaskBalancer({
      logger: ports.logger,
      tasks: () => this.tasks(),
      inside: (taskId, work) => this.#inside(taskId, work),
      load: (file, rules) => this.#namespaces.load(file, rules),
      replace: (task, file) => this.#replaceRules(task, file),
    });
    this.#mender = new TaskMender({
      logger: ports.logger,
      namespaces: this.#namespaces,
      known: (taskId) => this.#balancer.known(taskId),
      hasGuard: () => this.#guard,
      replaceRules: (task, file) => this.#replaceRules(task, file),
    });
  }

  /** Finds what a predecessor made. */
  async start(): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    this.#guard = await rulesLoad(guardProbe);
    if (!this.#guard) this.#logger.warn({}, 'the kernel lacks the netdev egress hook: containers can send from forged addresses');
    for (const name of await readdir(this.#dir)) {
      if (!name.endsWith('.json')) continue;
      const task = decodeTask(await readFile(join(this.#dir, name), 'utf8'));
      if (task !== undefined && `${task.taskId}.json` === name) this.#index(task);
    }
    await Promise.all([this.#sharing.start(), this.#namespaces.start()]);
  }

  stop(): void {
    this.#namespaces.stop();
  }

  #index(task: AttachedTask): void {
    this.#tasks.set(task.taskId, task);
    for (const { address, address6 } of task.attachments) {
      this.#byAddress.set(address, task);
      if (address6 !== '') this.#byAddress.set(address6, task);
    }
  }

  tasks(): readonly AttachedTask[] {
    return [...this.#tasks.values()];
  }

  task(taskId: string): AttachedTask | undefined {
    return this.#tasks.get(taskId);
  }

  /** The task that has this address, of either family, on one of its networks. */
  byAddress(address: string): AttachedTask | undefined {
    return this.#byAddress.get(address);
  }

  /** Who serves, on all networks: the maps of virtual addresses in every namespace follow. */
  setNetworks(networks: readonly NetworkAssignment[]): Promise<void> {
    return this.#balancer.setNetworks(networks);
  }

  /** The same of one network. */
  setMembers(network: NetworkAssignment): Promise<void> {
    return this.#balancer.setMembers(network);
  }

  /** The path of the namespace file, complete. */
  attach(task: AttachedTask): Promise<string> {
    return this.#exclusive(task.taskId, async () => {
      const file = this.#file(task.taskId);
      const known = this.#tasks.get(task.taskId);
      if (known !== undefined && encodeTask(known) === encodeTask(task) && (await isNamespace(file))) return file;
      await this.#remove(task.taskId);
      try {
        await this.#make(task, file);
      } catch (error) {
        await this.#remove(task.taskId);
        throw error;
      }
      return file;
    });
  }

  /**
   * The namespace of another task, for one that is to live in it: kept until the last of them is detached. Nothing is made.
   * FAILED_PRECONDITION when the other has none here (any more).
   */
  share(taskId: string, ownerId: string): Promise<string> {
    return this.#exclusive(ownerId, async () => {
      const file = this.#file(ownerId);
      if (!isFileId(taskId) || !this.#tasks.has(ownerId) || this.#sharing.isLeft(ownerId) || !(await isNamespace(file))) {
        throw new TsoError('FAILED_PRECONDITION', `the task whose network it shares (${ownerId}) has none on this host`);
      }
      await this.#sharing.add(taskId, ownerId);
      return file;
    });
  }

  async detach(taskId: string): Promise<void> {
    const owner = this.#sharing.ownerOf(taskId);
    if (owner !== undefined) return this.#exclusive(owner, () => this.#unshare(taskId, owner));
    await this.#exclusive(taskId, () => (this.#sharing.isShared(taskId) ? this.#sharing.leave(taskId) : this.#remove(taskId)));
  }

  async #unshare(taskId: string, owner: string): Promise<void> {
    await this.#sharing.remove(taskId);
    if (this.#sharing.isLeft(owner) && !this.#sharing.isShared(owner)) await this.#remove(owner);
  }

  /** Makes the interfaces again that a task lost with the device below them. */
  async repair(vnis: ReadonlySet<number>): Promise<void> {
    const hurt = this.tasks().filter((task) => task.attachments.some(({ vni, resolves }) => resolves && vnis.has(vni)));
    await Promise.all(hurt.map((task) => this.#inside(task.taskId, (found, file) => this.#mender.mendNow(found, file))));
  }

  /**
   * Mends what is missing of interfaces, addresses, routes, rules, settings in namespaces, and returns a sentence for each. Addresses and routes of all are
   * seen with each call. The rest takes programs, and has its turn: with each call where there are up to 8 tasks, every second with up to 16, and every 25th
   * with a hundred. One that is changed again and again is left alone in the end: its own container has the right to, and does so.
   */
  async check(): Promise<readonly string[]> {
    const glances = this.#glances.look([...this.#tasks.keys()].map((taskId) => this.#file(taskId)));
    const glanceOf = (taskId: string): string | undefined => glances.get(this.#file(taskId));
    const urgent = this.tasks().filter(
      ({ taskId, attachments }) =>
        glanceOf(taskId) !== this.#soundGlances.get(taskId) || (attachments.length > 0 && this.#balancer.known(taskId) === undefined),
    );
    const turn = nextInTurn([...this.#tasks.keys()], this.#lookedAt, looksInTurn(this.#tasks.size));
    this.#lookedAt = turn.at(-1) ?? '';
    const chosen = new Set([...urgent.slice(0, urgentLooks).map(({ taskId }) => taskId), ...turn]);
    const sentences: string[] = [];
    await inParallel([...chosen], parallelLooks, undefined, (taskId) =>
      this.#inside(taskId, async (task, file) => {
        const sentence = await this.#mender.mend(task, file);
        const glance = glanceOf(taskId);
        if (sentence !== '') sentences.push(sentence);
        // Of what was mended the next call sees how it is now.
        if (sentence !== '' || glance === undefined) this.#soundGlances.delete(taskId);
        else this.#soundGlances.set(taskId, glance);
      }),
    );
    return sentences.toSorted();
  }

  /** Ids with any trace here. Those that only others keep are not among them. */
  async list(): Promise<readonly string[]> {
    const names = await readdir(this.#dir);
    const ids = [...new Set(names.map((name) => name.split('.')[0] ?? ''))].filter(isFileId);
    return ids.filter((id) => !this.#sharing.isKept(id));
  }

  #file(taskId: string): string {
    return join(this.#dir, taskId);
  }

  /** Waits, for a bounded time, for a MAC address that is still in use: the kernel says so when the interface is made or when it goes up. */
  async #make(task: AttachedTask, file: string): Promise<void> {
    const deadline = this.#clock.monotonic() + busyLimitMs;
    for (;;) {
      const named = this.#named;
      try {
        await this.#namespaces.make(file, {
          sysctls: taskSysctls(task.attachments),
          links: taskLinkLines(task.attachments, file, named),
          names: named ? [] : taskNameLines(task.attachments),
          addresses: taskAddressLines(task.attachments),
          rules6: taskRuleLines6(task.attachments),
          rules: newTaskRules(task.attachments, this.#guard, this.#balancer.balances(task)),
        });
        break;
      } catch (error) {
        const message = error instanceof Error ? error.message : '';
        const nameTaken = named && message.includes(takenName);
        if (!nameTaken && (!message.includes(busyMac) || this.#clock.monotonic() > deadline)) throw error;
        await this.#namespaces.remove(file);
        if (nameTaken) this.#named = false;
        else await new Promise<void>((resolve) => void this.#clock.setTimer(busyRetryMs, resolve));
      }
    }
    await this.#applySysctls(task, file);
    await this.#remember(task);
    // Who was told meanwhile of a change did not find it among the tasks.
    await this.#balancer.update(task, file);
  }

  async #replaceRules(task: AttachedTask, file: string): Promise<void> {
    const rules = taskRules(task.attachments, this.#guard, this.#balancer.balances(task));
    if (rules !== '') await this.#namespaces.load(file, rules);
  }

  async #applySysctls(task: AttachedTask, file: string): Promise<void> {
    const wishes = Object.entries(task.sysctls);
    if (wishes.length === 0) return;
    try {
      await setSysctls(
        file,
        wishes.map(([name, value]) => `${name}=${value}`),
      );
    } catch (error) {
      throw new TsoError(
        'INVALID_ARGUMENT',
        `the sysctls ${wishes.map(([name]) => name).join(', ')} could not be set: ${sentenceOf(error)}`,
        { cause: error },
      );
    }
  }

  async #remember(task: AttachedTask): Promise<void> {
    const path = `${this.#file(task.taskId)}.json`;
    // No fsync: the namespace it describes does not survive a crash of the host either.
    await writeFile(`${path}.new`, encodeTask(task), { mode: 0o600 });
    await rename(`${path}.new`, path);
    this.#index(task);
  }

  async #remove(taskId: string): Promise<void> {
    const file = this.#file(taskId);
    for (const { address, address6 } of this.#tasks.get(taskId)?.attachments ?? []) {
      for (const one of [address, address6]) if (this.#byAddress.get(one)?.taskId === taskId) this.#byAddress.delete(one);
    }
    this.#tasks.delete(taskId);
    this.#balancer.forget(taskId);
    this.#mender.forget(taskId);
    this.#soundGlances.delete(taskId);
    await Promise.all([rm(`${file}.json`, { force: true }), rm(`${file}.json.new`, { force: true }), this.#sharing.forget(taskId)]);
    await this.#namespaces.remove(file);
  }

  /** Work on a namespace that is there, when nothing else is done to it. */
  #inside(taskId: string, work: (task: AttachedTask, file: string) => Promise<void>): Promise<void> {
    return this.#exclusive(taskId, async () => {
      const task = this.#tasks.get(taskId);
      const file = this.#file(taskId);
      if (task !== undefined && (await isNamespace(file))) await work(task, file);
    });
  }

  #exclusive<T>(taskId: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(taskId) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => undefined);
    this.#turns.set(taskId, settled);
    void settled.then(() => {
      if (this.#turns.get(taskId) === settled) this.#turns.delete(taskId);
    });
    return turn;
  }
}
