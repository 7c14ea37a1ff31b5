import { emptyHook, type Hook } from '@tso/proto';
import type { HookModel, ServiceModel } from '../model.ts';
import { isAbsolutePath } from '../paths.ts';
import { pathText, type TreePath } from '../tree.ts';
import { type ConvertInput, tell } from './context.ts';
import { mayHaveSeveral } from './network-mode.ts';

/** Commands beside a service's own one: before its start, right after it, and before its end. */

type When = 'pre_start' | 'post_start' | 'pre_stop';

/** A variable without a value is the project's; one that has none there either is left out, and told. */
const toEnv = (input: ConvertInput, hook: HookModel, path: TreePath): readonly string[] =>
  Object.entries(hook.environment ?? {}).flatMap(([key, said]) => {
    const value = said ?? input.lookup(key);
    if (value !== undefined) return [`${key}=${value}`];
    tell(
      input,
      'W120',
      [...path, 'environment', key],
      `the variable ${key} is not set, so this hook does not get it`,
      `write ${key}: VALUE`,
    );
    return [];
  });

const inContainer = (input: ConvertInput, hook: HookModel, path: TreePath): void => {
  if ((hook.command ?? []).length === 0)
    tell(input, 'E203', path, `${pathText(path)} lacks the key 'command'`, 'add command: the program and its arguments');
};

const ofItsOwn = (input: ConvertInput, service: ServiceModel, name: string, hook: HookModel, path: TreePath): void => {
  if (hook.per_replica === true || !mayHaveSeveral(service)) return;
  const message = `service ${name} may have several tasks, and ${pathText(path)} runs before each of them`;
  tell(input, 'W401', path, message, 'say per_replica: true, or run it once as a service of its own that this one depends on');
};

/** The folder that a service or hook of that place begins in, absolute; '' where none was said (E202). */
export const toWorkingDir = (input: ConvertInput, said: string | undefined, path: TreePath): string => {
  if (said === undefined) return '';
  if (said !== '' && !isAbsolutePath(said))
    tell(input, 'E202', [...path, 'working_dir'], `the folder '${said}' is not an absolute path (${pathText(path)})`, 'begin it with /');
  return said;
};

/** The hooks of that kind, in the order of the file (E202, E203, W120, W401). */
export const toHooks = (input: ConvertInput, service: ServiceModel, name: string, when: When): readonly Hook[] =>
  (service[when] ?? []).map((hook, index) => {
    const path = ['services', name, when, index];
    if (when === 'pre_start') ofItsOwn(input, service, name, hook, path);
    else inContainer(input, hook, path);
    return {
      ...emptyHook,
      command: hook.command ?? [],
      user: hook.user ?? '',
      workingDir: toWorkingDir(input, hook.working_dir, path),
      env: toEnv(input, hook, path),
      privileged: hook.privileged === true,
      image: when === 'pre_start' ? (hook.image ?? '') : '',
    };
  });
