import {
  emptyMeta,
  type FieldChange,
  type FileContent,
  FileKind,
  type FileRef,
  type FileSpec,
  newId,
  type ObjectChange,
  type RandomBytes,
  type ServiceSpec,
  type StackSpec,
  TsoError,
} from '@tso/proto';
import { limits } from '../limits.ts';
import { serviceNamed } from '../rules/dependencies.ts';
import { changedFiles, filesByKey, filesOf, fileWord, keyOfFile, namedFile, usersByFile, versionHolding } from '../rules/files.ts';
import { sizeText } from '../rules/words.ts';
import { sameData } from '../store/equal.ts';
import type { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';
import type { NamedFile } from './file-rules.ts';
import { fieldChanges } from './spec-diff.ts';

/** What a stack brings along beside its spec, and who brings it. */
export interface BroughtFiles {
  readonly contents: readonly FileContent[];
  readonly changedBy: string;
}

const change = (file: NamedFile, action: string, changes: ObjectChange['changes'] = []): ObjectChange => ({
  kind: fileWord(file.kind),
  name: file.name,
  action,
  changes,
});

const noBytes = new Uint8Array();

/** The object is put whole, under its name as its id; what it holds is nobody's to read in an answer. */
const applyFile = (draft: Draft, stack: string, spec: FileSpec, brought: Uint8Array | undefined, changedBy: string): ObjectChange => {
  const { kind, name, labels } = spec;
  const there = namedFile(draft, spec);
  const data = brought ?? there?.data ?? noBytes;
  if (there !== undefined && sameData(there.data, data) && sameData(there.labels, labels)) return change(spec, 'none');
  const object = { id: name, meta: there?.meta ?? emptyMeta, name, labels, data, stack, changedBy };
  if (kind === FileKind.SECRET_FILE) draft.putSecret(object);
  else draft.putConfig(object);
  if (there === undefined) return change(spec, 'create');
  const content: readonly FieldChange[] = sameData(there.data, data) ? [] : [{ path: 'content', from: 'old', to: 'new' }];
  return change(spec, 'update', [...content, ...fieldChanges({ labels: there.labels }, { labels })]);
};

/** Makes and changes the secrets and configs that the (validated) spec says are the stack's own. One that nothing was brought for stays as it is. */
export const applyFiles = (draft: Draft, spec: StackSpec, { contents, changedBy }: BroughtFiles): readonly ObjectChange[] => {
  const brought = filesByKey(contents);
  const own = spec.files.filter((file) => !file.external);
  return own.map((file) => applyFile(draft, spec.name, file, brought.get(keyOfFile(file))?.data, changedBy));
};

/** What each secret and config holds at this moment, kept as a version that never changes. The same as before gives the same. */
const versionId = (draft: Draft, file: NamedFile, template: boolean, random: RandomBytes): string => {
  const data = namedFile(draft, file)?.data ?? noBytes;
  const kept = versionHolding(draft, file, { data, template });
  if (kept !== undefined) return kept.id;
  const id = newId(random);
  draft.putFileVersion({ id, meta: emptyMeta, ...file, data, template });
  return id;
};

/**
 * A service takes up what nobody may have gone by until now, which then is forgotten at any moment: one that is kept is written again as it
 * is, so that whoever forgets it and whoever takes it up cannot both have their way.
 */
const takeUp = (draft: Draft, id: string): void => {
  const version = draft.fileVersion(id);
  if (version !== undefined) draft.putFileVersion({ ...version, meta: emptyMeta });
};

/** The versions that each service of the stack is to go by, told by service. One that many name is compared once. */
export const filesTaken = (draft: Draft, stack: StackSpec, random: RandomBytes): ((service: ServiceSpec) => readonly FileRef[]) => {
  const declared = filesByKey(stack.files);
  const taken = new Map<string, string>();
  return (service) => {
    const had = new Set(serviceNamed(draft, stack.name, service.name)?.files.map(({ versionId: id }) => id));
    return filesOf(service).map((file) => {
      const key = keyOfFile(file);
      const id = taken.get(key) ?? versionId(draft, file, declared.get(key)?.template ?? false, random);
      taken.set(key, id);
      if (!had.has(id)) takeUp(draft, id);
      return { ...file, versionId: id };
    });
  };
};

/** Which files of the service are another version now, for people. */
export const contentChanges = (before: readonly FileRef[], after: readonly FileRef[]): readonly FieldChange[] =>
  changedFiles(before, after).map((file) => ({ path: `${fileWord(file.kind)}s.${file.name}`, from: 'old content', to: 'new content' }));

/** RESOURCE_EXHAUSTED: with this, services would use more than every manager keeps in memory. */
export const checkUsedBytes = (view: View, draft: Draft): void => {
  const bytes = draft.fileVersions().reduce((sum, { data }) => sum + data.length, 0);
  if (bytes <= limits.files.usedBytes || draft.fileVersions().every(({ id }) => view.fileVersion(id) !== undefined)) return;
  throw new TsoError(
    'RESOURCE_EXHAUSTED',
    `the secrets and configs that services use would take ${sizeText(bytes)} in the cluster, they may take ${sizeText(limits.files.usedBytes)}`,
    { hint: 'Keep large files in volumes or images', details: { outcome: 'refused' } },
  );
};

const staysFor = (file: NamedFile, users: readonly string[]): ObjectChange =>
  change(file, 'none', [{ path: 'users', from: '', to: `${users.length === 1 ? 'service' : 'services'} ${users.join(', ')}` }]);

/** The stack's own secrets and configs, by kind and name. */
const ownFiles = (view: View, stack: string): readonly NamedFile[] => [
  ...view
    .table('config')
    .by('stack', stack)
    .map(({ name }) => ({ kind: FileKind.CONFIG_FILE, name })),
  ...view
    .table('secret')
    .by('stack', stack)
    .map(({ name }) => ({ kind: FileKind.SECRET_FILE, name })),
];

export const hasFiles = (view: View, stack: string): boolean => ownFiles(view, stack).length > 0;

/**
 * Removes what is the stack's own, but for what its spec still names. What other stacks' services name as external stays, with `none` and
 * who they are. Tasks that stop meanwhile have what they were made with all the same.
 * @param keep undefined: the stack goes as a whole
 */
export const removeFiles = (draft: Draft, stack: string, keep: StackSpec | undefined): readonly ObjectChange[] => {
  const named = new Set((keep?.files ?? []).map(keyOfFile));
  // Of a stack that stays, services that were not among those applied may name it still.
  const staying = keep === undefined ? [] : draft.servicesOfStack(stack).filter(({ removing }) => !removing);
  for (const { spec } of staying) for (const file of filesOf(spec)) named.add(keyOfFile(file));
  const unnamed = ownFiles(draft, stack).filter((file) => !named.has(keyOfFile(file)));
  if (unnamed.length === 0) return [];
  const users = usersByFile(draft);
  return unnamed.map((file) => {
    const others = users.get(keyOfFile(file));
    if (others !== undefined) return staysFor(file, others);
    draft.remove(file.kind === FileKind.SECRET_FILE ? 'secret' : 'config', file.name);
    return change(file, 'remove');
  });
};
