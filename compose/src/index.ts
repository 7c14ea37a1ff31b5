import { noFiles } from './file-port.ts';
import { diskFiles } from './files.ts';
import { type LoadOptions, type LoadResult, loadFrom, loadModelFrom, type ModelResult } from './load.ts';

/**
 * Reads a project's compose files. The result: the StackSpec to apply, the model that `tso config` prints, and warnings; or every
 * diagnostic, errors first. Never throws for what stands in the files.
 */
export const load = async (options: LoadOptions): Promise<LoadResult> => loadFrom(options, diskFiles);

/** The same without the conversion: attributes that tso cannot act on yet are no errors. */
export const loadModel = async (options: LoadOptions): Promise<ModelResult> => loadModelFrom(options, diskFiles);

/** What one text comes to by itself: no other file and no environment is read. The same results as `load`. */
export const loadText = (text: string, projectName: string): LoadResult =>
  loadFrom({ files: ['-'], stdin: text, cwd: '/', env: { COMPOSE_DISABLE_ENV_FILE: '1' }, projectName }, noFiles);

export type { BuildSecret, ImageBuild } from './convert/builds.ts';
export { type Diagnostic, type DiagnosticCode, diagnosticCodes, meantHint, renderDiagnostic, type Severity } from './diagnostics.ts';
export { maxFileBytes } from './files.ts';
export type { LoadFailure, LoadOptions, LoadResult, ModelResult, Project } from './load.ts';
export { type ModelFormat, renderModel } from './render-model.ts';
export type { Json } from './tree.ts';
export { type Variable, variablesOf } from './variables.ts';
