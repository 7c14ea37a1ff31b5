import { dirname, join } from 'node:path/posix';
import type { Finding } from './finding.ts';

/** Headings that every package's README has, so that each answers the same questions. */
export const readmeSections = ['Purpose', 'May import', 'Owns', 'Invariants'] as const;

/** Headings, and paragraphs that open with their title in bold: `**Owns.** The state directory…` */
const headingsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^(?:#{1,4}\s+(?<heading>.+?)\s*$|\*\*(?<lead>[^*]+?)\.?\*\*)/gm)].map(
    ({ groups }) => groups?.heading ?? groups?.lead ?? '',
  );

export const checkReadme = (path: string, text: string | undefined): readonly Finding[] => {
  if (text === undefined) return [{ path, message: `is missing: every package says its ${readmeSections.join(', ')} on one screen` }];
  const headings = headingsOf(text);
  return readmeSections
    .filter((section) => !headings.includes(section))
    .map((section) => ({ path, message: `has no section "${section}": every package's README answers the same questions` }));
};

/** Each error code has its entry (a heading of that name, with meaning, cause and cure), and no entry outlives its code. */
export const checkErrorPages = (path: string, text: string, codes: readonly string[]): readonly Finding[] => {
  const sections = new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((section) => [(section.split('\n')[0] ?? '').replaceAll('`', '').trim(), section]),
  );
  const missing = codes
    .filter((code) => !sections.has(code))
    .map((code) => ({ path, message: `has no entry for ${code}: users look up what they are shown` }));
  const stray = [...sections.keys()]
    .filter((title) => /^[A-Z_]+$/.test(title) && !codes.includes(title))
    .map((title) => ({ path, message: `describes ${title}, which is no error code (proto/src/errors.ts)` }));
  const thin = codes.flatMap((code) => {
    const section = sections.get(code);
    return section === undefined
      ? []
      : ['Meaning', 'Cause', 'Cure']
          .filter((word) => !section.includes(`**${word}.**`))
          .map((word) => ({ path, message: `the entry of ${code} has no "**${word}.**"` }));
  });
  return [...missing, ...stray, ...thin];
};

/** Links to files of the tree lead somewhere. */
export const checkLinks = (path: string, text: string, exists: (path: string) => boolean): readonly Finding[] =>
  [...text.matchAll(/\]\((?<target>[^)#\s]+)(?:#[^)]*)?\)/g)]
    .map((match) => match.groups?.target ?? '')
    .filter((target) => !/^[a-z]+:/.test(target) && !exists(join(dirname(path), target)))
    .map((target) => ({ path, message: `links to ${target}, which is not there` }));
