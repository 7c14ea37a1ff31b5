import { sentenceOf, TsoError } from '@tso/proto';
import type { DriverMount } from './driver-mount.ts';

/** As long as a file server that is there takes at most; one that is gone never answers. */
export const answerMs = 10_000;
export const mountMs = 60_000;

const serverHint = 'Is the file server up, and may this node reach it?';

/** What the kernel's word on a mount that failed means for whoever wrote the options; undefined: nothing more than it says. */
const mountHint = ({ type }: DriverMount, said: string): string | undefined => {
  if (/unknown filesystem type|No such device/i.test(said))
    return `The kernel of this node does not know ${type}: load its module (modprobe ${type === 'nfs4' ? 'nfs' : type}), or run the service elsewhere by deploy.placement`;
  if (/Connection refused|No route to host|timed out|Network is unreachable|Host is down/i.test(said)) return serverHint;
  if (/Permission denied|access denied|Operation not permitted/i.test(said))
    return 'Does the server export it to this node, and are user and password right?';
  if (/rpc\.statd|Protocol not supported/i.test(said)) return 'Say nolock, or nfsvers=4, among the options: o: addr=…,nfsvers=4';
  if (/bad option|Invalid argument|wrong fs type/i.test(said))
    return `One of the options is none of ${type}; dmesg on the node has the kernel's own words`;
  if (/special device|No such file/i.test(said)) return 'What device names does not exist there';
  return undefined;
};

/** What the program wrote, or whatever else is known. */
const wordsOf = (error: unknown): string => (error instanceof TsoError && String(error.details.stderr ?? '').trim()) || sentenceOf(error);

const isLate = (error: unknown): boolean => error instanceof TsoError && error.code === 'DEADLINE_EXCEEDED';

/** Why mount(8) failed. UNAVAILABLE: nothing came of it in time; FAILED_PRECONDITION: the kernel refuses. */
export const mountFailure = (name: string, mount: DriverMount, error: unknown): TsoError => {
  const what = `the volume ${name} (${mount.type}) could not be mounted`;
  if (isLate(error))
    return new TsoError('UNAVAILABLE', `${what}: nothing came of it within ${mountMs / 1_000} s`, { hint: serverHint, cause: error });
  // Its own folder, which says nothing to whoever wrote the file, is left out.
  const words = wordsOf(error)
    .replace(/^mount: \S+: /, '')
    .replace(/\.?\s*dmesg\(1\).*$/s, '');
  const hint = mountHint(mount, words);
  return new TsoError('FAILED_PRECONDITION', `${what}: ${words}`, { cause: error, ...(hint === undefined ? {} : { hint }) });
};

/** Why stat(1) failed on what is mounted: the server is silent, or says something else than what is there. UNAVAILABLE. */
export const unansweredFailure = (name: string, error: unknown): TsoError => {
  const what = `the volume ${name} is mounted, but its file server`;
  if (isLate(error))
    return new TsoError('UNAVAILABLE', `${what} does not answer within ${answerMs / 1_000} s`, { hint: serverHint, cause: error });
  return new TsoError('UNAVAILABLE', `${what} says: ${wordsOf(error).replace(/^stat: .*: /, '')}`, {
    hint: 'Look at the server; once no task of this node uses the volume it is mounted anew',
    cause: error,
  });
};
