import { isBlock, type Part, ScenarioError } from '../scenario/scenario-file.ts';
import { BadCommand } from './arguments.ts';
import { Run } from './commands.ts';
import { parseTranscript, writeParts } from './transcript-file.ts';

export interface StoryRun {
  readonly title: string;
  /** As the file has it, and as it came out. Equal: the planner did what the file says. */
  readonly expected: string;
  readonly actual: string;
}

const trimmed = (text: string): string => text.replace(/\n+$/, '');

/** The outputs of a story's blocks, by line. Errors: ScenarioError with file and line. */
const outputsOf = (parts: readonly Part[], file: string): ReadonlyMap<number, string> => {
  const run = new Run();
  return new Map(
    parts.filter(isBlock).map((block) => {
      try {
        return [block.line, run.block(block)];
      } catch (error) {
        if (error instanceof BadCommand) throw new ScenarioError(`${file}:${block.line}: ${block.command.name}: ${error.message}`);
        throw error instanceof ScenarioError ? error : new Error(`${file}:${block.line}: ${block.command.name} broke`, { cause: error });
      }
    }),
  );
};

/** One story of a file, told anew. */
export const runStory = (title: string, parts: readonly Part[], file: string): StoryRun => {
  const outputs = outputsOf(parts, file);
  return {
    title,
    expected: writeParts(parts, ({ expected }) => trimmed(expected)),
    actual: writeParts(parts, ({ line }) => trimmed(outputs.get(line) ?? '')),
  };
};

/** The file with the outputs of a run instead of its own. Throws ScenarioError where it cannot be read or carried out. */
export const rewritten = (text: string, file: string): string => {
  const { head, stories } = parseTranscript(text, file);
  return [writeParts(head, () => ''), ...stories.map(({ title, parts }) => runStory(title, parts, file).actual)].join('');
};
