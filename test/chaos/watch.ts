import type { ChaosService, SeenTask } from './service.ts';

const lookEveryMs = 150;
const learnWithinMs = 2_000;

/** Looks at what runs, all the time, and notes each slot that runs twice where it must not. */
export class Watch {
  readonly #service: ChaosService;
  readonly #excused: () => ReadonlySet<string>;
  readonly #violations: string[] = [];
  #looks = 0;
  #ended = false;
  #running: Promise<void> = Promise.resolve();

  /** @param excused names of the hosts that may have lost touch with the managers */
  constructor(service: ChaosService, excused: () => ReadonlySet<string>) {
    this.#service = service;
    this.#excused = excused;
  }

  start(): this {
    this.#running = this.#loop();
    return this;
  }

  get looks(): number {
    return this.#looks;
  }

  get violations(): readonly string[] {
    return this.#violations;
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#running;
  }

  async #loop(): Promise<void> {
    while (!this.#ended) {
      await this.#look();
      this.#looks += 1;
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  async #look(): Promise<void> {
    await this.#learnNew();
    const twice = doubles(await this.#service.seen(), this.#excused());
    if (twice.length === 0) return;
    // Both run at the same time only if those seen first are still there after the others were seen.
    const again = new Set((await this.#service.seen()).map(({ pid }) => pid));
    for (const tasks of twice) {
      if (!tasks.every(({ pid }) => again.has(pid))) continue;
      const text = `slot ${tasks[0]?.slot} runs twice: ${tasks.map(({ taskId, host }) => `${taskId} on ${host}`).join(', ')}`;
      if (!this.#violations.includes(text)) this.#violations.push(text);
    }
  }

  async #learnNew(): Promise<void> {
    if ((await this.#service.unknown()).length === 0) return;
    const late = new Promise<void>((resolve) => setTimeout(resolve, learnWithinMs));
    // Nobody may be able to say just now: what is still unknown is looked at again next time.
    await Promise.race([late, this.#service.learn().catch(() => undefined)]);
  }
}

/** Slots that run more than once, were it not for hosts that are excused. */
export const doubles = (seen: readonly SeenTask[], excused: ReadonlySet<string>): readonly (readonly SeenTask[])[] => {
  const bySlot = new Map<number, SeenTask[]>();
  for (const task of seen) if (!excused.has(task.host)) bySlot.set(task.slot, [...(bySlot.get(task.slot) ?? []), task]);
  return [...bySlot.values()].filter((tasks) => tasks.length > 1);
};
