import type { FileContent, StackSpec } from '@tso/proto';
import { renderDiagnostic } from '../../compose/src/diagnostics.ts';
import { type FilePort, FileProblem } from '../../compose/src/file-port.ts';
import { loadFrom } from '../../compose/src/load.ts';
import { usualStack } from './told.ts';

const path = '/stack/compose.yaml';

const withOnly = (text: string): FilePort => ({
  read: (asked) => {
    if (asked === path) return text;
    throw new FileProblem(asked, 'does not exist');
  },
  readBytes: (asked) => {
    throw new FileProblem(asked, 'does not exist');
  },
  isFile: (asked) => asked === path,
});

export type InMemory =
  | { readonly ok: true; readonly spec: StackSpec; readonly contents: readonly FileContent[]; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The stack that a compose file's text asks for, by the same code that reads files; or what is wrong with it. */
export const stackOfText = (text: string, name = usualStack): InMemory => {
  const loaded = loadFrom({ files: [path], cwd: '/stack', env: {}, projectName: name }, withOnly(text));
  const rendered = (diagnostics: Parameters<typeof renderDiagnostic>[0][]): readonly string[] =>
    diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, { color: false }));
  if (!loaded.ok) return { ok: false, problems: rendered([...loaded.diagnostics]) };
  return { ok: true, spec: loaded.spec, contents: loaded.contents, warnings: rendered([...loaded.warnings]) };
};
