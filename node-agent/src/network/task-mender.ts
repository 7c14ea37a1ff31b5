import { type Logger, sentenceOf } from '@tso/proto';
import { ip6BatchIn, ipBatch, ipBatchIn } from './ip.ts';
import { type Namespaces, putSysctls } from './netns.ts';
import type { Balances } from './task-balance.ts';
import { clearRuleLines, hasIpv6, taskAddressLines, taskLinkLines, taskNameLines, taskRuleLines6, taskSysctls } from './task-interfaces.ts';
import { lacksNothing, lackText, parseTaskLook, type TaskLack, taskLack } from './task-look.ts';
import type { AttachedTask } from './task-plan.ts';
import { taskRules, taskTables } from './task-rules.ts';

export interface TaskMenderPorts {
  readonly logger: Logger;
  readonly namespaces: Pick<Namespaces, 'look'>;
  /** The maps of virtual addresses that a namespace counts as having; undefined: not known. */
  readonly known: (taskId: string) => Balances | undefined;
  readonly hasGuard: () => boolean;
  readonly replaceRules: (task: AttachedTask, namespaceFile: string) => Promise<void>;
}

/** How often one that is changed again and again is mended: what failed does not count, nor what was never put there. */
const mendLimit = 3;

interface Look {
  readonly lack: TaskLack;
  /** What was printed. */
  readonly text: string;
  /** Whether it is known which rules it was given; else it gets them all again. */
  readonly isKnown: boolean;
}

/** Compares namespaces of tasks with what they are to have, and mends them. Whoever calls sees to it that nothing else is done to one meanwhile. */
export class TaskMender {
  readonly #ports: TaskMenderPorts;
  /** What a look printed when nothing was missing, by task: printed again, it need not be read. */
  readonly #soundLooks = new Map<string, string>();
  readonly #mends = new Map<string, number>();
  /** Why a task could not be mended the last time: said again only when it is another reason. */
  readonly #failures = new Map<string, string>();

  constructor(ports: TaskMenderPorts) {
    this.#ports = ports;
  }

  /** A sentence of what was missing and is there again; empty: nothing, or it was mended too often. What fails is logged. */
  async mend(task: AttachedTask, file: string): Promise<string> {
    try {
      const look = await this.#look(task, file);
      if (look === undefined) return '';
      if (lacksNothing(look.lack)) {
        this.#soundLooks.set(task.taskId, look.text);
        this.#mends.delete(task.taskId);
        this.#failures.delete(task.taskId);
        return '';
      }
      if (look.isKnown && this.#isGivenUp(task.taskId, look.lack)) return '';
      await this.#restore(task, file, look.lack);
      if (look.isKnown) this.#mends.set(task.taskId, (this.#mends.get(task.taskId) ?? 0) + 1);
      return `the network of task ${task.taskId} lacked ${lackText(look.lack)}`;
    } catch (error) {
      const sentence = sentenceOf(error);
      if (this.#failures.get(task.taskId) === sentence) return '';
      this.#failures.set(task.taskId, sentence);
      this.#ports.logger.error(
        { taskId: task.taskId, error: sentence },
        'the network of a task could not be looked at or mended; tries again each time it is looked at',
      );
      return '';
    }
  }

  /** The same, however often that was. */
  async mendNow(task: AttachedTask, file: string): Promise<void> {
    this.#mends.delete(task.taskId);
    const sentence = await this.mend(task, file);
    if (sentence !== '') this.#ports.logger.warn({ taskId: task.taskId, sentence }, 'made the interfaces of a task again');
  }

  forget(taskId: string): void {
    this.#soundLooks.delete(taskId);
    this.#mends.delete(taskId);
    this.#failures.delete(taskId);
  }

  /** Whether it was mended that often and each time changed again; said once. */
  #isGivenUp(taskId: string, lack: TaskLack): boolean {
    const mends = this.#mends.get(taskId) ?? 0;
    if (mends < mendLimit) return false;
    this.#mends.set(taskId, mendLimit + 1);
    if (mends === mendLimit) {
      this.#ports.logger.warn(
        { taskId, lacks: lackText(lack) },
        'the network of a task is changed again and again: it is left as its container wants it',
      );
    }
    return true;
  }

  /** undefined: nothing changed since nothing was missing. */
  async #look(task: AttachedTask, file: string): Promise<Look | undefined> {
    const { attachments, taskId } = task;
    const guard = this.#ports.hasGuard();
    const sysctls = taskSysctls(attachments);
    const text = await this.#ports.namespaces.look(file, { six: hasIpv6(attachments), sysctls, tables: taskTables(attachments, guard) });
    const known = this.#ports.known(taskId);
    if (known !== undefined && this.#soundLooks.get(taskId) === text) return undefined;
    const lack = taskLack(task, taskRules(attachments, guard, known), parseTaskLook(text));
    const isKnown = known !== undefined || attachments.length === 0;
    return { lack: isKnown ? lack : { ...lack, rules: true }, text, isKnown };
  }

  async #restore(task: AttachedTask, file: string, lack: TaskLack): Promise<void> {
    if (lack.devices.length > 0) return this.#makeInterfaces(task, file, lack);
    await ipBatchIn(file, lack.lines);
    await ip6BatchIn(file, lack.lines6);
    await putSysctls(file, lack.sysctls);
    if (lack.rules) await this.#ports.replaceRules(task, file);
  }

  /** With one interface gone routes and rules of the others may hang on it: all are made again, the processes stay. */
  async #makeInterfaces({ attachments, taskId, sysctls }: AttachedTask, file: string, lack: TaskLack): Promise<void> {
    const six = hasIpv6(attachments);
    const surviving = attachments.filter(({ device }) => !lack.absent.includes(device)).map(({ device }) => `link delete dev ${device}`);
    await ipBatchIn(file, [...surviving, ...clearRuleLines(false)]);
    if (six) await ip6BatchIn(file, clearRuleLines(true));
    await ipBatch(taskLinkLines(attachments, file, false));
    await ipBatchIn(file, taskNameLines(attachments));
    await putSysctls(file, lack.sysctls);
    await ipBatchIn(file, taskAddressLines(attachments));
    await ip6BatchIn(file, taskRuleLines6(attachments));
    await this.#ports.replaceRules({ attachments, taskId, sysctls }, file);
  }
}
