/** A mount, as a line of a mountinfo text (proc(5)) tells it. */
interface MountLine {
  readonly target: string;
  /** File system. */
  readonly type: string;
  readonly superOptions: readonly string[];
}

const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_match, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

const parseLine = (line: string): readonly MountLine[] => {
  const [before, after] = line.split(' - ', 2);
  const target = before?.split(' ')[4];
  const [type, , superOptions] = after?.split(' ') ?? [];
  return target === undefined || type === undefined
    ? []
    : [{ target: unescapeOctal(target), type, superOptions: superOptions?.split(',') ?? [] }];
};

/** The mounts of a mountinfo text, innermost last; at one place as many as there are. */
export const mountLines = (mountinfo: string): readonly MountLine[] => mountinfo.split('\n').flatMap(parseLine);

/** Where something is mounted at a folder or below it, innermost last. */
export const targetsWithin = (mountinfo: string, folder: string): readonly string[] =>
  mountLines(mountinfo)
    .map(({ target }) => target)
    .filter((target) => target === folder || target.startsWith(`${folder}/`));

/** Whether a file system in memory is mounted at that place. */
export const hasTmpfsAt = (mountinfo: string, path: string): boolean =>
  mountLines(mountinfo).some(({ target, type }) => target === path && type === 'tmpfs');
