/** What a process finds when neither the image nor the spec names a PATH. */
export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const keyOf = (entry: string): string => entry.split('=', 1)[0] ?? '';

/** The value of a variable in a list of KEY=value, or undefined. */
export const environmentValue = (env: readonly string[], key: string): string | undefined =>
  env.findLast((entry) => entry.startsWith(`${key}=`))?.slice(key.length + 1);

/** Lists of KEY=value laid over one another, keys unique, first place kept; a bare KEY removes what an earlier list said. */
export const mergeEnvironment = (...lists: readonly (readonly string[])[]): readonly string[] => {
  const merged = new Map<string, string>();
  for (const entry of lists.flat()) {
    const key = keyOf(entry);
    if (key === '') continue;
    if (entry.includes('=')) merged.set(key, entry);
    else merged.delete(key);
  }
  return [...merged.values()];
};

/** A container's environment: ours and that of links below the image's below the spec's, so that each may override or (the spec) remove. */
export const containerEnvironment = (facts: {
  /** What links tell: below the image, whose DB_NAME means something else. */
  readonly links: readonly string[];
  readonly image: readonly string[];
  readonly spec: readonly string[];
  readonly hostname: string;
  readonly home: string;
  readonly terminal: boolean;
}): readonly string[] => {
  const ours = [`PATH=${defaultPath}`, `HOSTNAME=${facts.hostname}`, ...(facts.terminal ? ['TERM=xterm'] : [])];
  const merged = mergeEnvironment(ours, facts.links, facts.image, facts.spec);
  const homeDecided = [...facts.image, ...facts.spec].some((entry) => keyOf(entry) === 'HOME');
  return homeDecided ? merged : [...merged, `HOME=${facts.home}`];
};
