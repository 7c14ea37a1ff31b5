const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_match, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** Where something is mounted, of a mountinfo text (proc(5)), innermost last; at one place as often as there are mounts. */
export const mountTargets = (mountinfo: string): readonly string[] =>
  mountinfo.split('\n').flatMap((line) => {
    const target = line.split(' ')[4];
    return target === undefined ? [] : [unescapeOctal(target)];
  });

/** Those at a folder or below it. */
export const targetsWithin = (mountinfo: string, folder: string): readonly string[] =>
  mountTargets(mountinfo).filter((target) => target === folder || target.startsWith(`${folder}/`));
