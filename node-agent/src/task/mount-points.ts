import { chown, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TsoError } from '@tso/proto';
import type { ContainerPlan, ResolvedMount } from '../runtime/types.ts';
import { resolveInRoot } from '../safe-path.ts';

/** The first of the folders that had to be made; undefined: all were there. */
const makeFolder = async (path: string, target: string): Promise<string | undefined> => {
  try {
    return await mkdir(path, { recursive: true, mode: 0o755 });
  } catch (error) {
    if (!['ENOTDIR', 'EEXIST'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
    throw new TsoError('FAILED_PRECONDITION', `there can be no ${target}: the image has a file where that needs a folder`, {
      cause: error,
    });
  }
};

/**
 * Makes the folders that files are to be mounted in, inside the root filesystem, wherever links of the image lead: crun makes them itself, but
 * gives up at a link to a folder that is not there. What lies below another mount the runtime makes, once that is mounted. FAILED_PRECONDITION:
 * a file is in the way.
 */
export const makeMountPoints = async (plan: Pick<ContainerPlan, 'rootfs' | 'shift'>, files: readonly ResolvedMount[]): Promise<void> => {
  for (const { target } of files) {
    const path = await resolveInRoot(plan.rootfs, dirname(target));
    const first = await makeFolder(path, target);
    if (first === undefined || plan.shift === undefined) continue;
    for (let made = path; made.length >= first.length; made = dirname(made)) await chown(made, plan.shift.base, plan.shift.base);
  }
};
