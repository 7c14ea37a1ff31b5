import { type Block, isBlock, type Part, parseScenario, ScenarioError, writeBlock } from '../scenario/scenario-file.ts';

/** One story of a transcript: it begins with a cluster of its own. */
export interface Story {
  /** A sentence: what the planner does, and when. */
  readonly title: string;
  /** Line of the title in the file, from 1. */
  readonly line: number;
  readonly parts: readonly Part[];
}

/** A file of stories about one family of rules. */
export interface Transcript {
  /** The sentence that the file begins with, what its rules are about. */
  readonly about: string;
  /** What stands before the first story. */
  readonly head: readonly Part[];
  readonly stories: readonly Story[];
}

const titleMark = '## ';
const aboutMark = '# ';

const textOf = (part: Part): string | undefined => (isBlock(part) ? undefined : part.text);

/** Lines that a part takes in its file. */
const linesOf = (part: Part): number => (isBlock(part) ? writeBlock(part, part.expected).split('\n').length : 1);

/** The file's stories in order. Throws ScenarioError, naming file and line, for what cannot be read, and for a file without a sentence or a story. */
export const parseTranscript = (text: string, file: string): Transcript => {
  const parts = parseScenario(text, file);
  const [first] = parts;
  const about = first === undefined ? undefined : textOf(first);
  if (about === undefined || !about.startsWith(aboutMark)) throw new ScenarioError(`${file}:1: it must begin with # and what it is about`);
  const head: Part[] = [];
  const stories: { title: string; line: number; parts: Part[] }[] = [];
  let line = 1;
  for (const part of parts) {
    const title = textOf(part);
    if (title?.startsWith(titleMark)) stories.push({ title: title.slice(titleMark.length).trim(), line, parts: [part] });
    else if (stories.length > 0) stories.at(-1)?.parts.push(part);
    else if (isBlock(part)) throw new ScenarioError(`${file}:${part.line}: ${part.command.name} stands before the first story (## …)`);
    else head.push(part);
    line += linesOf(part);
  }
  if (stories.length === 0) throw new ScenarioError(`${file}: it tells no story (## …)`);
  return { about: about.slice(aboutMark.length).trim(), head, stories };
};

/** A story's parts as they stand in a file, each block with the output that is given for it. */
export const writeParts = (parts: readonly Part[], output: (block: Block) => string): string =>
  parts.map((part) => `${isBlock(part) ? writeBlock(part, output(part)) : part.text}\n`).join('');
