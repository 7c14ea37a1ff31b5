import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

/**
 * What containers did, on whatever hosts of a lab, in the order in which they did it: a folder of this machine that all of them mount at /j,
 * with one file that lines are appended to, and empty files that say to those who wait for them that they may go on.
 */
export class Journal {
  readonly folder: string;
  #taken = 0;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder);
    writeFileSync(join(folder, 'order'), '');
  }

  /** What was told and not taken yet. */
  get lines(): readonly string[] {
    return readFileSync(join(this.folder, 'order'), 'utf8').split('\n').slice(this.#taken, -1);
  }

  /** What was told since it was last asked for. */
  take(): readonly string[] {
    const { lines } = this;
    this.#taken += lines.length;
    return lines;
  }

  /** Resolves once that line was told, so many times, since it was last asked for. */
  async told(line: string, times = 1, deadlineMs?: number): Promise<void> {
    await eventually(
      `${line} is told${times === 1 ? '' : ` ${times} times`}`,
      () => {
        if (this.lines.filter((each) => each === line).length < times) throw new Error(this.lines.join(', '));
        return true;
      },
      deadlineMs,
    );
  }

  open(gate: string): void {
    writeFileSync(join(this.folder, gate), '');
  }

  shut(gate: string): void {
    rmSync(join(this.folder, gate), { force: true });
  }

  /**
   * A service as YAML on one line: a script for busybox that has the journal at /j, and further attributes. Who is told to stop has all the time
   * that a busy machine or a gate takes to tell that it goes.
   */
  service(script: string, ...more: readonly string[]): string {
    const attributes = ['image: "busybox:1"', 'stop_grace_period: 60s', `volumes: ["${this.folder}:/j"]`, command(script), ...more];
    return `{ ${attributes.join(', ')} }`;
  }
}

/** `command: […]` for a script in which a dollar sign is one of the shell. */
export const command = (script: string): string => `command: ["/bin/sh", "-c", ${quoted(script)}]`;

/** A text as YAML in which no variable of a compose file is looked for. */
export const quoted = (text: string): string => JSON.stringify(text).replaceAll('$', '$$$$');

/** Tells that line. */
export const tells = (line: string): string => `echo ${line} >> /j/order`;

/** Goes on once that gate is open. */
export const waitsAt = (gate: string): string => `until [ -e /j/${gate} ]; do sleep 0.05; done`;

/** Tells its name, and runs until it is told to stop; then it tells `NAME gone`. @param gate where it waits before that */
export const stays = (name: string, gate?: string): string => {
  const leaves = [...(gate === undefined ? [] : [waitsAt(gate)]), tells(`${name} gone`), 'exit 0'].join('; ');
  return `trap '${leaves}' TERM; ${tells(name)}; while :; do sleep 0.05; done`;
};

/** `healthcheck: {…}` that succeeds while that gate is open. */
export const healthyAt = (gate: string): string =>
  `healthcheck: { test: ["CMD-SHELL", "test -e /j/${gate}"], interval: 300ms, retries: 2, start_period: 120s, start_interval: 100ms }`;
