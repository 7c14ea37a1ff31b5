import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type Logger, sentenceOf, TsoError } from '@tso/proto';
import { deviceNamesIn, ipBatch, ipBatchIn } from './ip.ts';
import type { HostNames } from './names.ts';
import { isNamespace, makeNamespace, removeNamespaces, rulesLoad, setSysctls } from './netns.ts';
import { loadRulesIn } from './nft.ts';
import { taskAddressLines, taskLinkLines } from './overlay.ts';
import { type AttachedTask, decodeTask, encodeTask, isFileId } from './task-plan.ts';
import { guardProbe, taskRules } from './task-rules.ts';

/**
 * Set before any interface is there, which then has them: 127.0.0.11 is translated (route_localnet); a user other than root may listen on port 80
 * and ping, as images expect; IPv6 only on the loopback, since our networks have none.
 */
const ownSysctls = [
  'net.ipv4.conf.all.route_localnet=1',
  'net.ipv4.ip_unprivileged_port_start=0',
  'net.ipv4.ping_group_range=0 2147483647',
  'net.ipv6.conf.default.disable_ipv6=1',
  'net.ipv6.conf.default.accept_ra=0',
];

/** A namespace that was just removed gives back its MAC addresses a moment later. */
const busyMac = 'Address already in use';
const busyRetryMs = 10;
const busyLimitMs = 3_000;

/** Namespaces of tasks: `DIR/<taskId>` is the namespace, `DIR/<taskId>.json` says that it is complete and what it has. */
export class TaskSide {
  readonly #dir: string;
  readonly #names: HostNames;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #tasks = new Map<string, AttachedTask>();
  readonly #byAddress = new Map<string, AttachedTask>();
  /** What is under way for a task; the next operation on it waits. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #guard = false;

  constructor(options: { readonly dir: string; readonly names: HostNames }, ports: { readonly clock: Clock; readonly logger: Logger }) {
    this.#dir = options.dir;
    this.#names = options.names;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
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
  }

  #index(task: AttachedTask): void {
    this.#tasks.set(task.taskId, task);
    for (const { address } of task.attachments) this.#byAddress.set(address, task);
  }

  tasks(): readonly AttachedTask[] {
    return [...this.#tasks.values()];
  }

  task(taskId: string): AttachedTask | undefined {
    return this.#tasks.get(taskId);
  }

  /** The task that has this address on one of its networks. */
  byAddress(address: string): AttachedTask | undefined {
    return this.#byAddress.get(address);
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

  detach(taskId: string): Promise<void> {
    return this.#exclusive(taskId, () => this.#remove(taskId));
  }

  /** Makes the interfaces again that a task lost with the VXLAN device below them. */
  async repair(vnis: ReadonlySet<number>): Promise<void> {
    const hurt = this.tasks().filter((task) => task.attachments.some((attachment) => vnis.has(attachment.vni)));
    await Promise.all(hurt.map((task) => this.#exclusive(task.taskId, () => this.#repair(task))));
  }

  /** Ids with any trace here. */
  async list(): Promise<readonly string[]> {
    const names = await readdir(this.#dir);
    return [...new Set(names.map((name) => name.split('.')[0] ?? ''))].filter(isFileId);
  }

  #file(taskId: string): string {
    return join(this.#dir, taskId);
  }

  async #make(task: AttachedTask, file: string): Promise<void> {
    await makeNamespace(file, ownSysctls);
    await this.#makeInterfaces(task, file);
    await this.#applySysctls(task, file);
    await this.#remember(task);
  }

  /** One process for all interfaces; then addresses and rules, each one process, beside one another. */
  async #makeInterfaces(task: AttachedTask, file: string): Promise<void> {
    await this.#batch(taskLinkLines(task.attachments, this.#names.vxlanDevice, file), ipBatch);
    const rules = taskRules(task.attachments, this.#guard);
    await Promise.all([
      this.#batch(taskAddressLines(task.attachments), (lines) => ipBatchIn(file, lines)),
      rules === '' ? undefined : loadRulesIn(file, rules),
    ]);
  }

  /** Waits, for a bounded time, for a MAC address that is still in use: the kernel says so when the interface is made or when it goes up. */
  async #batch(lines: readonly string[], run: (lines: readonly string[]) => Promise<void>): Promise<void> {
    const deadline = this.#clock.monotonic() + busyLimitMs;
    for (let rest = lines; rest.length > 0; ) {
      try {
        return await run(rest);
      } catch (error) {
        const message = error instanceof Error ? error.message : '';
        if (!message.includes(busyMac) || this.#clock.monotonic() > deadline) throw error;
        // `ip` names the line that failed, counted from one; those before it are done.
        rest = rest.slice(Number(/Command failed -:(\d+)/.exec(message)?.[1] ?? 1) - 1);
        await new Promise<void>((resolve) => void this.#clock.setTimer(busyRetryMs, resolve));
      }
    }
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
    for (const { address } of this.#tasks.get(taskId)?.attachments ?? []) {
      if (this.#byAddress.get(address)?.taskId === taskId) this.#byAddress.delete(address);
    }
    this.#tasks.delete(taskId);
    await Promise.all([rm(`${file}.json`, { force: true }), rm(`${file}.json.new`, { force: true })]);
    await removeNamespaces([file]);
  }

  async #repair(task: AttachedTask): Promise<void> {
    const file = this.#file(task.taskId);
    if (!this.#tasks.has(task.taskId) || !(await isNamespace(file))) return;
    const present = new Set(await deviceNamesIn(file));
    if (task.attachments.every((attachment) => present.has(attachment.device))) return;
    // With one interface gone routes and rules of the others may hang on it: all are made again, the processes stay.
    const surviving = task.attachments
      .filter((attachment) => present.has(attachment.device))
      .map(({ device }) => `link delete dev ${device}`);
    await ipBatchIn(file, [
      ...surviving,
      ...(task.attachments.length > 1 ? ['rule flush', 'rule add lookup main pref 32766', 'rule add lookup default pref 32767'] : []),
    ]);
    await loadRulesIn(file, 'flush ruleset\n');
    await this.#makeInterfaces(task, file);
    this.#logger.warn({ taskId: task.taskId }, 'made the interfaces of a task again');
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
