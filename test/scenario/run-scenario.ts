import { checkedCommands, type Result, Scenario } from './commands.ts';
import { type Block, isBlock, parseScenario, writeBlock } from './scenario-file.ts';

export interface Difference {
  readonly line: number;
  readonly command: string;
  readonly expected: string;
  readonly actual: string;
}

export interface Run {
  /** The file again, with the outputs of this run. */
  readonly text: string;
  /** Where what `raft-log`, `raft-state` or `status` printed is not what the file expects. */
  readonly differences: readonly Difference[];
  /** Where any command printed something else. */
  readonly traceDifferences: readonly Difference[];
  /** Options that this runner does not have and passed over. */
  readonly notes: readonly string[];
}

const trimmed = (text: string): string => text.replace(/\n+$/, '');

/**
 * The words alone. Where lines break, how the entries of one message are set apart, and whether silence is called `ok (quiet)` has
 * changed between versions of the form, so a file of any of them can be held against this one.
 */
const words = (text: string): string =>
  text
    .replace(/^ok \(quiet\)$/, 'ok')
    .replace(/,(?=\s+\d+\/\d+ Entry)/g, '')
    .replace(/\s+/g, ' ')
    .replace(/\[ /g, '[')
    .replace(/ \]/g, ']')
    .trim();

/**
 * Whether what the checked commands of a block printed is what the file expects. A block of other commands beside them is
 * searched for their lines in one piece, since the words around them are traces.
 */
const differs = (block: Block, result: Result): boolean => {
  const checked = result.pieces.filter(({ name }) => checkedCommands.has(name));
  if (checked.length === 0) return false;
  const others = result.pieces.filter(({ name, output }) => !checkedCommands.has(name) && output !== '');
  if (others.length === 0) return trimmed(block.expected) !== trimmed(result.output);
  return checked.some(({ output }) => !`\n${trimmed(block.expected)}\n`.includes(`\n${trimmed(output)}\n`));
};

/** Runs a scenario from its text. Throws ScenarioError, with file and line, where it cannot be read or carried out. */
export const runScenario = (text: string, file: string): Run => {
  const scenario = new Scenario(file);
  const shown: string[] = [];
  const differences: Difference[] = [];
  const traceDifferences: Difference[] = [];
  for (const part of parseScenario(text, file)) {
    if (!isBlock(part)) {
      shown.push(part.text);
      continue;
    }
    const result = scenario.run(part);
    const difference = { line: part.line, command: part.head.join('\n'), expected: trimmed(part.expected), actual: trimmed(result.output) };
    if (differs(part, result)) differences.push(difference);
    else if (words(difference.expected) !== words(difference.actual)) traceDifferences.push(difference);
    shown.push(writeBlock(part, result.output));
  }
  return { text: `${shown.join('\n')}\n`, differences, traceDifferences, notes: scenario.notes };
};
