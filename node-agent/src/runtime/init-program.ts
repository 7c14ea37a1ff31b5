import { accessSync, constants } from 'node:fs';
import { TsoError } from '@tso/proto';

/** Where Debian keeps the small init programs that are linked statically, so that they run in any image. */
const candidates = ['/usr/libexec/podman/catatonit', '/usr/bin/catatonit', '/usr/bin/tini-static'];

/** Host path of an init program for a container. FAILED_PRECONDITION names the package. */
export const initProgram = (): string => {
  const found = candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      // Not installed here: the next one decides.
      return false;
    }
  });
  if (found !== undefined) return found;
  throw new TsoError('FAILED_PRECONDITION', 'init: true needs an init program, and this host has none', {
    hint: 'Install it: apt-get install tini',
  });
};
