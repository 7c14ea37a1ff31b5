import { TsoError } from '@tso/proto';

/** A file that is not what was written. Nothing was touched. */
export const dataLoss = (path: string, offset: number, why: string): TsoError =>
  new TsoError('DATA_LOSS', `the manager's state file ${path} is damaged at byte ${offset}: ${why}`, {
    hint: 'Check the disk, then restore the state directory from a backup, or remove this manager and let it join again; the files were left as they are',
    details: { path, offset },
  });

/** A file that has to be there and is not. */
export const missingFile = (path: string, why: string): TsoError =>
  new TsoError('DATA_LOSS', `the manager's state file ${path} is missing: ${why}`, {
    hint: 'Restore the whole state directory from a backup, or remove this manager and let it join again; the other files were left as they are',
    details: { path },
  });

/** A file that is whole, but not of this log. */
export const foreignFile = (path: string, why: string): TsoError =>
  new TsoError('FAILED_PRECONDITION', `the manager's state file ${path} does not belong here: ${why}`, {
    hint: 'State files of several managers were mixed: put back those that were written here; nothing was changed',
    details: { path },
  });

export const tooNew = (path: string, version: number, known: number): TsoError =>
  new TsoError('FAILED_PRECONDITION', `the manager's state file ${path} has format ${version}, this version of tso reads up to ${known}`, {
    hint: 'Start the newer version that wrote it; nothing was changed',
    details: { path, version },
  });

/** What a manager before consensus left. */
export const earlierFormat = (directory: string, name: string): TsoError =>
  new TsoError('FAILED_PRECONDITION', `${directory} holds the state of an earlier version of tso, which knew one manager only (${name})`, {
    hint: 'It cannot be taken over: move log-*.seg and store-*.snap away (an earlier version can still read them), start again, and deploy the stacks anew',
    details: { directory, name },
  });

/** What a failed write to the state directory means for a person. */
export const diskFailure = (what: string, path: string, cause: unknown): TsoError => {
  const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const full = errno === 'ENOSPC' || errno === 'EDQUOT';
  return new TsoError(
    full ? 'RESOURCE_EXHAUSTED' : 'DATA_LOSS',
    `${what} failed for ${path}: ${full ? 'no space left on the disk' : cause instanceof Error ? cause.message : String(cause)}`,
    {
      hint: full
        ? 'Free some space and start the manager again; what was acknowledged is safe'
        : 'Check the disk (dmesg) and start the manager again',
      details: { path, errno },
      cause,
    },
  );
};
