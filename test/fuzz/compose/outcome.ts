import { renderDiagnostic } from '@tso/compose';
import type { Diagnostic } from '../../../compose/src/diagnostics.ts';
import { loadFrom } from '../../../compose/src/load.ts';
import { memoryFiles } from '../../../compose/src/testing/memory-files.ts';

/** What becomes of one file: what is said of it, or the error that it must never cause. */
export interface Outcome {
  readonly refused: boolean;
  /** Codes and shapes of what is said, sorted: the same for files that are broken alike. */
  readonly signature: string;
  /** What a reader could stumble over: an exception, a message without a sentence, an error with no place. */
  readonly fault: string | undefined;
  readonly cpuMs: number;
}

/** Beside the file at hand, so that what it extends, includes and reads is there. */
const neighbours = {
  '/project/base.yaml': 'services: {base: {image: i, environment: {A: b}}, loop: {extends: {file: compose.yaml, service: web}}}\n',
  '/project/part.yaml': 'services: {part: {image: i}}\nnetworks: {back: }\n',
  '/project/web.env': 'A=1\nB="two words"\n',
  '/project/.env': 'TAG=1.2\n',
};

/** A message without what differs between two files that are broken alike. */
const shape = ({ code, message }: Diagnostic): string =>
  `${code} ${message
    .replaceAll(/'[^']*'/g, "''")
    .replaceAll(/[\w.-]*\[\d+\][\w.[\]-]*|\b[a-z_-]+\.[\w.[\]-]+/g, 'P')
    .replaceAll(/\d+/g, '0')
    .slice(0, 80)}`;

const faultOf = (found: readonly Diagnostic[], refused: boolean): string | undefined => {
  if (refused && !found.some(({ severity }) => severity === 'error')) return 'refused without an error';
  for (const one of found) {
    const text = renderDiagnostic(one, { color: false });
    if (one.message.trim() === '' || /(be|is|are|of|=) undefined|\[object|\n\s+at .*:\d+:\d+/.test(one.message))
      return `a message that is none: ${text}`;
    // The name of a project and the files themselves are about no place in a file.
    if (one.severity === 'error' && one.line === 0 && !['E101', 'E102', 'E103', 'E190'].includes(one.code)) return `no place: ${text}`;
  }
  return undefined;
};

/** Loads a text as /project/compose.yaml. */
export const outcomeOf = (text: string): Outcome => {
  const before = process.cpuUsage();
  const spentMs = (): number => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  try {
    const files = memoryFiles({ ...neighbours, '/project/compose.yaml': text });
    const result = loadFrom({ files: ['compose.yaml'], cwd: '/project', env: { HOME: '/home/me' } }, files);
    const found = result.ok ? result.warnings : result.diagnostics;
    const signature = [...new Set(found.map(shape))].toSorted().join(' | ');
    return { refused: !result.ok, signature, fault: faultOf(found, !result.ok), cpuMs: spentMs() };
  } catch (error) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { refused: false, signature: `threw ${stack.split('\n')[0]}`, fault: stack, cpuMs: spentMs() };
  }
};
