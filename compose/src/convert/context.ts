import type { DiagnosticCode, Report } from '../diagnostics.ts';
import type { FilePort } from '../file-port.ts';
import type { Lookup } from '../interpolate.ts';
import type { ComposeModel } from '../model.ts';
import { placeOf, type TreeNode, type TreePath } from '../tree.ts';
import { parseBytes, parseDuration } from '../units.ts';

export interface ConvertInput {
  readonly model: ComposeModel;
  readonly tree: TreeNode;
  readonly report: Report;
  readonly files: FilePort;
  readonly workingDir: string;
  readonly home: string | undefined;
  /** The project's environment. */
  readonly lookup: Lookup;
}

export const tell = (input: ConvertInput, code: DiagnosticCode, path: TreePath, message: string, hint?: string): void =>
  input.report.at(code, placeOf(input.tree, path), 'value', path, message, { hint });

/** Bytes of a canonical size; 0 when it is not said. */
export const bytesOf = (text: string | undefined): number => (text === undefined ? 0 : (parseBytes(text) ?? 0));

/** Milliseconds of a canonical duration. A positive one below a millisecond counts as one. */
export const msOf = (text: string | undefined, otherwise = 0): number => {
  if (text === undefined) return otherwise;
  const nanos = parseDuration(text) ?? 0;
  return nanos > 0 ? Math.max(1, Math.round(nanos / 1e6)) : 0;
};
