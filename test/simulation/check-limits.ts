import type { Message, RaftStatus } from './core-door.ts';
import { holds } from './violation.ts';

export interface Limits {
  readonly maxInflightMessages: number;
  readonly maxInflightBytes: number;
  readonly maxMessageBytes: number;
  readonly maxUncommittedBytes: number;
  readonly largestCommandBytes: number;
}

/** 15: nothing grows without bound while others are slow. */
export class LimitChecks {
  private readonly limits: Limits;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  bounded({ id, progress, uncommittedBytes }: RaftStatus): void {
    const { maxInflightMessages, maxInflightBytes, maxMessageBytes, maxUncommittedBytes, largestCommandBytes } = this.limits;
    for (const it of progress) {
      const bytes = maxInflightBytes + Math.max(maxMessageBytes, largestCommandBytes);
      holds(
        it.inflightMessages <= maxInflightMessages && it.inflightBytes <= bytes,
        15,
        () => `leader ${id} has ${it.text} (${it.inflightBytes} bytes) in flight`,
      );
    }
    holds(
      uncommittedBytes <= maxUncommittedBytes + largestCommandBytes,
      15,
      () => `leader ${id} holds ${uncommittedBytes} uncommitted bytes`,
    );
  }

  message({ from, to, entries }: Message): void {
    if (entries.length < 2) return;
    const bytes = entries.reduce((sum, { data }) => sum + data.length, 0);
    holds(
      bytes <= this.limits.maxMessageBytes,
      15,
      () => `leader ${from} sends ${entries.length} entries of ${bytes} bytes to ${to} at once`,
    );
  }
}
