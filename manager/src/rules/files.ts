import {
  type Config,
  type FileContent,
  FileKind,
  type FileRef,
  type FileVersion,
  type Secret,
  type Service,
  type ServiceSpec,
} from '@tso/proto';
import { sameData } from '../store/equal.ts';
import { fileKey } from '../store/kinds.ts';
import type { View } from '../store/view.ts';
import { isLive } from './task-facts.ts';

/** Secrets and configs, which are the same but for who may see them. */

/** What people call it: secret, config. */
export const fileWord = (kind: FileKind): 'secret' | 'config' => (kind === FileKind.SECRET_FILE ? 'secret' : 'config');

/** What names a secret or config: there may be one of each kind with the same name. */
type Named = Pick<FileContent, 'kind' | 'name'>;

export const sameFile = (a: Named, b: Named): boolean => a.kind === b.kind && a.name === b.name;

/** The same where there may be many: each by what names it, of two alike the last one. */
export const filesByKey = <T extends Named>(files: readonly T[]): ReadonlyMap<string, T> =>
  new Map(files.map((file) => [fileKey(file.kind, file.name), file]));

export const keyOfFile = ({ kind, name }: Named): string => fileKey(kind, name);

/** By kind and name, as lists of the store are sorted. */
export const byFile = (a: Named, b: Named): number => a.kind - b.kind || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** What the cluster keeps under that name now. Its bytes are not to be shown when it is a secret. */
export const namedFile = (view: View, { kind, name }: Named): Config | Secret | undefined =>
  kind === FileKind.SECRET_FILE ? view.secretByName(name) : view.configByName(name);

/** The secrets and configs that a service names, each once, by kind and name. */
export const filesOf = (spec: ServiceSpec): readonly Named[] => {
  const named = spec.task.container.files.map(({ kind, name }) => ({ kind, name }));
  return [...filesByKey(named).values()].sort(byFile);
};

/** Whether the service names it. */
export const usesFile = ({ spec }: Pick<Service, 'spec'>, file: Named): boolean =>
  spec.task.container.files.some((mount) => sameFile(mount, file));

/** The services that are not being removed and name it, as people know them: `visits_web`, sorted. */
export const usersOfFile = (view: View, file: Named): readonly string[] => usersByFile(view).get(keyOfFile(file)) ?? [];

/** The same for all that services use, by `keyOfFile`: one walk over the services for a list of very many. */
export const usersByFile = (view: View): ReadonlyMap<string, readonly string[]> => {
  const users = new Map<string, string[]>();
  for (const service of view.services()) {
    if (service.removing) continue;
    for (const file of filesOf(service.spec)) {
      const name = `${service.stack}_${service.spec.name}`;
      const found = users.get(keyOfFile(file));
      if (found === undefined) users.set(keyOfFile(file), [name]);
      else found.push(name);
    }
  }
  for (const found of users.values()) found.sort();
  return users;
};

/** The version that has just that content, however old: going back to what was there before makes no new one. */
export const versionHolding = (view: View, file: Named, wished: Pick<FileVersion, 'data' | 'template'>): FileVersion | undefined =>
  view.versionsOfFile(file.kind, file.name).find((version) => version.template === wished.template && sameData(version.data, wished.data));

/** Those of the later ones that the earlier had in another version. */
export const changedFiles = (before: readonly FileRef[], after: readonly FileRef[]): readonly FileRef[] =>
  after.filter((ref) => before.some((one) => sameFile(one, ref) && one.versionId !== ref.versionId));

/** Versions that no service goes by, or could go back to, and no task that may still run was made with. */
export const forgottenVersions = (view: View): readonly FileVersion[] => {
  // Most plans end here: hardly anything that is kept is not some service's.
  const kept = view.fileVersions();
  if (kept.length === 0) return kept;
  const wished = new Set<string>();
  for (const { files, previousFiles } of view.services()) for (const { versionId } of [...files, ...previousFiles]) wished.add(versionId);
  const unwished = kept.filter(({ id }) => !wished.has(id));
  if (unwished.length === 0) return unwished;
  const used = new Set<string>();
  for (const task of view.tasks()) if (isLive(task)) for (const { versionId } of task.files) used.add(versionId);
  return unwished.filter(({ id }) => !used.has(id));
};
