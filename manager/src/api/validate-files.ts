import { type FileContent, FileKind, type FileSpec, type StackSpec, TsoError } from '@tso/proto';
import { limits } from '../limits.ts';
import { filesByKey, fileWord, keyOfFile, namedFile, usesFile } from '../rules/files.ts';
import { sizeText } from '../rules/words.ts';
import type { View } from '../store/view.ts';
import { fileLabelsProblem, fileNameProblem, fileSizeProblem, fileText, type NamedFile } from './file-rules.ts';
import { invalid, takenByOther } from './validate-shared.ts';

type Problems = Iterable<TsoError>;

/** Those that an earlier one of the list names too, each once. */
const repeated = <T extends NamedFile>(files: readonly T[]): Iterable<T> => {
  const seen = new Set<string>();
  const again = files.filter((file) => seen.size === seen.add(keyOfFile(file)).size);
  return filesByKey(again).values();
};

const externalProblems = function* (view: View, spec: StackSpec, file: FileSpec): Problems {
  // Declared and not used it is nobody's to miss.
  if (namedFile(view, file) !== undefined || !spec.services.some((service) => usesFile({ spec: service }, file))) return;
  const command = file.kind === FileKind.SECRET_FILE ? 'tso secrets create NAME FILE' : 'tso configs create NAME FILE';
  yield new TsoError('NOT_FOUND', `external ${fileText(file)} does not exist`, {
    hint: `Make it first (${command}), or leave external out and say what it holds`,
    details: { name: file.name },
  });
};

const ownProblems = function* (view: View, stack: string, file: FileSpec, content: FileContent | undefined): Problems {
  const bad = fileNameProblem(file);
  if (bad !== undefined) {
    yield bad;
    return;
  }
  const labels = fileLabelsProblem(file, file.labels);
  if (labels !== undefined) yield labels;
  const there = namedFile(view, file);
  if (there !== undefined && there.stack !== stack) yield takenByOther(fileWord(file.kind), file.name, there.stack);
  if (content === undefined && there === undefined) yield invalid(`${fileText(file)}: the request does not say what it holds`);
  const size = content && fileSizeProblem(file, content.data.length);
  if (size !== undefined) yield size;
};

const contentProblems = function* (spec: StackSpec, contents: readonly FileContent[]): Problems {
  for (const file of repeated(contents)) yield invalid(`the request says twice what ${fileText(file)} holds`);
  const declared = filesByKey(spec.files);
  for (const content of contents) {
    const file = declared.get(keyOfFile(content));
    if (file === undefined) yield invalid(`the request says what ${fileText(content)} holds, which the stack does not have`);
    else if (file.external) yield invalid(`${fileText(content)} is external: what it holds is not this stack's to say`);
  }
  const bytes = contents.reduce((sum, { data }) => sum + data.length, 0);
  const { appliedBytes } = limits.files;
  if (bytes > appliedBytes) {
    const what = `the secrets and configs of the stack have ${sizeText(bytes)} together, a stack may bring ${sizeText(appliedBytes)}`;
    yield new TsoError('RESOURCE_EXHAUSTED', what, { hint: 'Keep large files in volumes or images' });
  }
};

const mountProblems = function* (spec: StackSpec): Problems {
  const declared = filesByKey(spec.files);
  for (const service of spec.services) {
    for (const mount of service.task.container.files) {
      if (declared.has(keyOfFile(mount))) continue;
      yield invalid(
        `service ${service.name} uses ${fileText(mount)}, which the stack does not have`,
        `Declare it under ${fileWord(mount.kind)}s`,
      );
    }
  }
};

/**
 * What is wrong with the secrets and configs of the stack. No sentence has anything of what they hold.
 * @param contents what the request brings along of them
 */
export const fileProblems = function* (view: View, spec: StackSpec, contents: readonly FileContent[]): Problems {
  const brought = filesByKey(contents);
  for (const file of repeated(spec.files)) yield invalid(`${fileText(file)} is declared twice`);
  for (const file of spec.files) {
    if (file.external) yield* externalProblems(view, spec, file);
    else yield* ownProblems(view, spec.name, file, brought.get(keyOfFile(file)));
  }
  yield* contentProblems(spec, contents);
  yield* mountProblems(spec);
};
