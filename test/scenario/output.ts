import type { TraceLevel } from '@tso/manager/raft-core';

/** What went wrong in a command as the scenario itself may expect it: it is printed. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'fatal', 'none'] as const;
export type ScenarioLogLevel = (typeof logLevels)[number];

/** Collects what a block prints: the commands' own words and the nodes' traces, both silent at level none. */
export class Output {
  level: ScenarioLogLevel = 'debug';
  private text = '';

  get quiet(): boolean {
    return this.level === 'none';
  }

  write(text: string): void {
    if (!this.quiet) this.text += text;
  }

  /** Errors are seen at every level. */
  force(text: string): void {
    this.text += text;
  }

  log(level: TraceLevel, text: () => string): void {
    if (logLevels.indexOf(level) >= logLevels.indexOf(this.level)) this.write(`${level.toUpperCase()} ${text()}\n`);
  }

  /** What was written since the last time. */
  take(): string {
    const { text } = this;
    this.text = '';
    return text;
  }

  /** Runs it with every line it writes indented by two. */
  indented(run: () => void): void {
    const before = this.take();
    run();
    const lines = this.take().replace(/\n$/, '').split('\n');
    this.text = before + (lines.length === 1 && lines[0] === '' ? '' : lines.map((line) => `  ${line}\n`).join(''));
  }
}
