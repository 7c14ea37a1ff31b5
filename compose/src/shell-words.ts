/** Thrown for text whose quotes do not close. */
export class ShellWordsError extends Error {
  override readonly name = 'ShellWordsError';
}

/**
 * The words of a command line: split at blanks, with single quotes, double quotes and backslashes as a POSIX shell takes them.
 * Nothing is expanded and nothing runs. Throws ShellWordsError.
 */
export const shellWords = (line: string): readonly string[] => {
  const words: string[] = [];
  let word = '';
  let open = false;
  let quote: '"' | "'" | undefined;
  for (let index = 0; index < line.length; index++) {
    const char = line[index] ?? '';
    const next = line[index + 1];
    if (quote === "'") {
      if (char === "'") quote = undefined;
      else word += char;
    } else if (char === '\\' && next !== undefined && (quote === undefined || '"\\$`\n'.includes(next))) {
      if (next !== '\n') word += next;
      open = true;
      index += 1;
    } else if (quote === '"') {
      if (char === '"') quote = undefined;
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      open = true;
    } else if (/\s/.test(char)) {
      if (open) words.push(word);
      word = '';
      open = false;
    } else {
      word += char;
      open = true;
    }
  }
  if (quote !== undefined) throw new ShellWordsError(`a ${quote} is not closed`);
  if (open) words.push(word);
  return words;
};
