import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HistoryEvent } from '../linearizability/generated-history.ts';
import { parseHistory } from '../linearizability/history.ts';
import { verdictText } from '../linearizability/report.ts';
import { checkHistory } from '../linearizability/verdict.ts';

type Invocation = Pick<HistoryEvent, 'process' | 'f' | 'key' | 'value'>;

/** What clients asked and were told, in the order it happened here: one process records them all, so line order is real time. */
export class History {
  readonly #events: HistoryEvent[] = [];
  #processes = 0;

  /** A number for who asks one thing after another. Who never learned an answer goes on under a new one. */
  newProcess(): number {
    this.#processes += 1;
    return this.#processes;
  }

  invoke(invocation: Invocation): void {
    this.#events.push({ ...invocation, type: 'invoke' });
  }

  answer(invocation: Invocation, type: 'ok' | 'fail' | 'info', value: unknown = invocation.value): void {
    this.#events.push({ ...invocation, type, value });
  }

  get length(): number {
    return this.#events.length;
  }

  /** Every key that was asked for. */
  get keys(): readonly string[] {
    return [...new Set(this.#events.map(({ key }) => key))];
  }

  count(type: HistoryEvent['type'], f?: HistoryEvent['f']): number {
    return this.#events.filter((event) => event.type === type && (f === undefined || event.f === f)).length;
  }

  /** One JSON line per event. */
  get text(): string {
    return this.#events.map((event) => `${JSON.stringify(event)}\n`).join('');
  }

  /** Undefined when linearizable; else what is wrong, and where the history was kept to look at it again. */
  async problem(name: string): Promise<string | undefined> {
    const parsed = parseHistory(this.text);
    const found = 'problem' in parsed ? parsed.problem : undefined;
    if (found === undefined && 'operations' in parsed) {
      const verdict = checkHistory(parsed.operations);
      if (verdict.linearizable) return undefined;
      return `${verdictText(parsed.operations, verdict)}\nnpm run linearizability -- ${await this.keep(name)}`;
    }
    return `the history is malformed: ${found}\n${await this.keep(name)}`;
  }

  /** Writes the history where it stays after the test. Its path. */
  async keep(name: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'tso-history-'));
    const path = join(folder, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.jsonl`);
    await writeFile(path, this.text, { mode: 0o600 });
    return path;
  }
}
