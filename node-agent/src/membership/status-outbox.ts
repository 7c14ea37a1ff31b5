import type { StatusReport, TaskStatus } from '@tso/proto';

interface Waiting {
  readonly status: TaskStatus;
  /** Of the report it went out with; 0: not sent yet. */
  readonly sentWith: number;
}

/** Statuses on their way to the manager: the newest of each task, kept until acknowledged. */
export class StatusOutbox {
  readonly #waiting = new Map<string, Waiting>();
  #sequence = 0;

  put(taskId: string, status: TaskStatus): void {
    this.#waiting.set(taskId, { status, sentWith: 0 });
  }

  /** The next report of at most `limit` unsent statuses, or undefined when nothing waits. */
  nextReport(limit: number): StatusReport | undefined {
    const unsent = [...this.#waiting].filter(([, { sentWith }]) => sentWith === 0).slice(0, limit);
    if (unsent.length === 0) return undefined;
    this.#sequence += 1;
    for (const [taskId, { status }] of unsent) this.#waiting.set(taskId, { status, sentWith: this.#sequence });
    return { sequence: this.#sequence, updates: unsent.map(([taskId, { status }]) => ({ taskId, status })) };
  }

  /** Forgets what went out with that report or an earlier one, unless something newer came since. */
  acknowledge(sequence: number): void {
    for (const [taskId, { sentWith }] of this.#waiting) {
      if (sentWith !== 0 && sentWith <= sequence) this.#waiting.delete(taskId);
    }
  }

  /** A new session: what was sent but not acknowledged counts as unsent. */
  sayAllAgain(): void {
    for (const [taskId, { status }] of this.#waiting) this.#waiting.set(taskId, { status, sentWith: 0 });
  }
}
