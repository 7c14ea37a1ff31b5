/** POSIX paths as plain text; compose files are read where the containers run, so only this form resolves. */

export const isAbsolutePath = (path: string): boolean => path.startsWith('/');

/** A Windows drive, UNC or pipe path: absolute there, left alone here. */
export const isWindowsAbsolute = (path: string): boolean => /^[A-Za-z]:[\\/]/.test(path) || path.startsWith('\\\\');

/** Without `.`, `..` (as far as they can be taken) and doubled slashes; an empty path becomes `.`. */
export const cleanPath = (path: string): string => {
  const absolute = path.startsWith('/');
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (part !== '..' || !absolute) out.push(part);
  }
  const joined = out.join('/');
  return absolute ? `/${joined}` : joined === '' ? '.' : joined;
};

/** `path` as seen from the absolute folder `base`. */
export const resolvePath = (base: string, path: string): string => cleanPath(isAbsolutePath(path) ? path : `${base}/${path}`);

export const folderOf = (path: string): string => {
  const clean = cleanPath(path);
  const cut = clean.lastIndexOf('/');
  return cut < 0 ? '.' : cut === 0 ? '/' : clean.slice(0, cut);
};

export const baseName = (path: string): string => {
  const clean = cleanPath(path);
  return clean.slice(clean.lastIndexOf('/') + 1);
};

/** `~` and `~/x` with the home folder put in; unchanged when there is none. */
export const expandHome = (path: string, home: string | undefined): string => {
  if (home === undefined || home === '' || !(path === '~' || path.startsWith('~/'))) return path;
  return cleanPath(`${home}${path.slice(1)}`);
};
