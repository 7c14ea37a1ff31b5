import type { ContainerSpec, FileMount, TsoError } from '@tso/proto';
import { fileText } from './file-rules.ts';
import { duplicates, invalid, permissionBits } from './validate-shared.ts';

/** Each is a mount of the container. */
const mostFiles = 256;

const isFilePath = (path: string): boolean =>
  /^(?:\/[^/\0]+)+$/.test(path) && !path.split('/').some((step) => step === '.' || step === '..');

const fileProblems = function* (at: string, file: FileMount): Iterable<TsoError> {
  const { target, mode } = file;
  const what = fileText(file);
  if (!isFilePath(target))
    yield invalid(`${at}: "${target}" is no place for ${what}`, 'Name a file by its absolute path, without . and ..');
  if (mode > permissionBits) yield invalid(`${at}: ${mode.toString(8)} is no mode of ${what}`, 'Write up to four octal digits: 0440');
};

/** What is wrong with the places that a service's secrets and configs are to have in its containers. */
export const fileMountProblems = function* (at: string, { files, mounts }: ContainerSpec): Iterable<TsoError> {
  if (files.length > mostFiles)
    yield invalid(`${at}: it takes ${files.length} secrets and configs, it may take ${mostFiles}`, 'Put several into one');
  for (const file of files) yield* fileProblems(at, file);
  for (const target of duplicates(files.map((file) => file.target)))
    yield invalid(`${at}: two of its secrets and configs have the target ${target}`, 'Give one of them another');
  const mounted = new Set(mounts.map((mount) => mount.target));
  for (const file of files)
    if (mounted.has(file.target))
      yield invalid(`${at}: ${fileText(file)} and a mount have the target ${file.target}`, 'Give one of them another');
};
