import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { LabRemains } from './sweep.ts';

const main = join(import.meta.dirname, 'undertaker-main.ts');

/** Waits for the end of its input, which comes with the end of whoever holds the other end of the pipe, however that ends. */
const script = 'cat >/dev/null; [ ! -d "$TSO_LAB_FOLDER" ] || exec "$@"';

/** Removes a lab whose owner was killed before it could. */
export interface Undertaker {
  /** The lab is gone already. */
  dismiss(): void;
}

/** Stands by until this process ends, then removes what is left of the lab. */
export const undertaker = ({ folder, cgroupPrefix }: Required<LabRemains>): Undertaker => {
  const child = spawn('/bin/sh', ['-c', script, 'undertaker', process.execPath, main], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env.PATH ?? '', TSO_LAB_FOLDER: folder, TSO_LAB_CGROUPS: cgroupPrefix },
  });
  child.unref();
  return { dismiss: () => child.stdin.destroy() };
};
