import type { CommandProblem } from './command.ts';
import { executableInRoot, type FileKind } from './rootfs-files.ts';

export interface CommandQuestion {
  readonly root: string;
  readonly command: string;
  /** The process's PATH. */
  readonly path: string;
  readonly cwd: string;
  /** Paths that mounts will cover: what lies there is not known here. */
  readonly covers: ReadonlySet<string>;
}

const problemOf = (kind: FileKind): CommandProblem | undefined => (kind === 'executable' || kind === 'unknown' ? undefined : kind);

/** Why a command cannot run in a root filesystem, looked up as execvp(3) does; undefined when it can, or when only the mounted container knows. */
export const commandProblem = (question: CommandQuestion): CommandProblem | undefined => {
  const { root, command, path, cwd, covers } = question;
  const inFolder = (folder: string): FileKind =>
    executableInRoot(root, `${folder.startsWith('/') ? '' : `${cwd}/`}${folder}/${command}`, covers);
  if (command.includes('/')) return problemOf(command.startsWith('/') ? executableInRoot(root, command, covers) : inFolder(cwd));
  const kinds = path.split(':').map((folder) => inFolder(folder === '' ? cwd : folder));
  if (kinds.some((kind) => problemOf(kind) === undefined)) return undefined;
  return kinds.includes('not executable') ? 'not executable' : 'missing';
};
