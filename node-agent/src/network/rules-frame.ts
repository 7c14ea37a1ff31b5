/**
 * The base chains of a table and how many rules each has, the same for what is loaded and for what nft lists of it: a rule stands on a line of its own
 * in both. Patches leave these chains alone, so that a table can be told from the whole that it began as.
 */
export const frameOf = (text: string): string => {
  const frames: string[] = [];
  let chain = '';
  let isBase = false;
  let rules = 0;
  for (const line of text.split('\n').map((one) => one.trim())) {
    const head = /^chain (\S+) \{$/.exec(line);
    if (head !== null) {
      chain = head[1] ?? '';
      isBase = false;
      rules = 0;
    } else if (line === '}') {
      if (chain !== '' && isBase) frames.push(`${chain} ${rules}`);
      chain = '';
    } else if (chain !== '' && line.startsWith('type ')) isBase = true;
    else if (chain !== '' && line !== '') rules += 1;
  }
  return frames.toSorted().join(', ');
};
