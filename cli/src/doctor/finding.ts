export type Level = 'ok' | 'warn' | 'fail';

export interface Finding {
  /** Short and stable: `cgroups`, `program conmon`. */
  readonly check: string;
  readonly level: Level;
  readonly message: string;
  /** What to do; empty when nothing. */
  readonly fix: string;
}

export const finding = (check: string, level: Level, message: string, fix = ''): Finding => ({ check, level, message, fix });
