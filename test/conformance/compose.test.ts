import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadModel, renderModel, variablesOf } from '@tso/compose';
import { Report } from '../../compose/src/diagnostics.ts';
import { parseEnvFile, parseEnvText } from '../../compose/src/env-file.ts';
import { interpolateTree, parseExpression, substitute } from '../../compose/src/interpolate.ts';
import { parseVolume } from '../../compose/src/short-forms/volumes.ts';
import { fromPlain, toPlain } from '../../compose/src/tree.ts';
import { parseBytes } from '../../compose/src/units.ts';
import { failureOf, same } from './assertions.ts';
import type { Case, Json, ProjectCase } from './cases.ts';
import { judge, kindsThroughConfig, runKind, type Verdict } from './run-kind.ts';

const orThrow = <T>(value: T | string): T => {
  if (typeof value === 'string') throw new Error(value);
  return value;
};

const template = (found: Case): Verdict => {
  let unset = 0;
  const verdict = judge(found, () => {
    const result = substitute(
      found.template ?? '',
      (name) => found.env?.[name],
      () => {
        unset += 1;
      },
    );
    return { result };
  });
  if (verdict === undefined && found.warnings !== undefined && unset !== found.warnings) return `${unset} warnings, not ${found.warnings}`;
  return verdict;
};

const variables = (found: Case): Verdict =>
  judge(found, () => ({
    variables: Object.fromEntries(
      variablesOf(found.tree ?? null).map(({ name, required, defaultValue, alternateValue }) => [
        name,
        { Name: name, DefaultValue: defaultValue, PresenceValue: alternateValue, Required: required },
      ]),
    ),
  }));

const operator = (found: Case): Verdict => judge(found, () => ({ operator: parseExpression(found.expression ?? '')?.operator ?? '' }));

const interpolation = (found: Case): Verdict =>
  judge(found, () => {
    const report = new Report();
    const tree = fromPlain(found.tree ?? null, { file: 'case', line: 1, column: 1, length: 1 });
    const result = toPlain(interpolateTree(tree, (name) => found.env?.[name], report)) as Json;
    if (report.hasErrors) throw new Error(report.all()[0]?.message);
    return { result };
  });

const dotenv = (found: Case): Verdict =>
  judge(found, () => {
    const outside = (name: string): string | undefined => found.env?.[name];
    const parse = found.semantics === 'parse' ? parseEnvText : parseEnvFile;
    const vars = new Map<string, string>();
    for (const content of found.contents ?? [found.content ?? '']) {
      for (const [name, value] of parse(content, outside, (name) => vars.get(name)))
        vars.set(name, found.semantics === 'load' ? (outside(name) ?? value) : value);
    }
    return { vars: Object.fromEntries(vars) };
  });

const bytes = (found: Case): Verdict =>
  judge(found, () => {
    const value = parseBytes((found.input ?? '').replaceAll('"', ''));
    if (value === undefined) throw new Error('not a size');
    return { bytes: String(value) };
  });

const volume = (found: Case): Verdict =>
  judge(found, () => {
    const parsed = orThrow(parseVolume(found.spec ?? '')) as unknown as Json;
    return found.expect?.[0]?.path[0] === 'volume' ? { volume: parsed } : parsed;
  });

const write = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.replaceAll('@WD@', folder));
  }
};

const inFolder = async (files: Readonly<Record<string, string>>, work: (folder: string) => Promise<Verdict>): Promise<Verdict> => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tso-conformance-')));
  try {
    write(folder, files);
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const configOf = async (run: ProjectCase, folder: string, mode: string) =>
  loadModel({
    files: run.config_files ?? [],
    cwd: join(folder, run.cwd ?? ''),
    env: {
      PATH: '/usr/bin',
      HOME: '/home/user',
      ...Object.fromEntries(Object.entries(run.env ?? {}).map(([key, value]) => [key, value.replaceAll('@WD@', folder)])),
    },
    ...(run.env_files === undefined ? {} : { envFiles: run.env_files }),
    ...(run.project_name === undefined ? {} : { projectName: run.project_name }),
    ...(run.project_directory === undefined ? {} : { projectDirectory: run.project_directory }),
    ...(run.profiles === undefined ? {} : { profiles: run.profiles }),
    ...(run.services === undefined ? {} : { services: run.services }),
    allResources: mode !== 'cli-default',
  });

const projectVerdict = (found: Case, run: ProjectCase, mode: string): Promise<Verdict> =>
  inFolder(run.files, async (folder) => {
    const result = await configOf(run, folder, mode);
    if (!result.ok) {
      const said = result.diagnostics.map((d) => `${d.file}:${d.line} ${d.code} ${d.message}`).join(' | ');
      return found.error !== undefined || found.may_fail === true ? undefined : `refused: ${said.slice(0, 500)}`;
    }
    if (found.error !== undefined) return `accepted, but ${JSON.stringify(found.error)} is expected`;
    // As data both formats are one, but for the keys that JSON leaves out.
    const printed = mode === 'api-yaml' ? result.model : (JSON.parse(renderModel(result.model, 'json', { escapeDollars: false })) as Json);
    const context = { folder, relativePathsOk: run.relative_paths_ok === true };
    const other = run.same_as;
    if (other !== undefined) {
      write(folder, other.files);
      const second = await configOf({ ...other, env: run.env ?? {} }, folder, mode);
      return second.ok && same(second.model, result.model, context) ? undefined : `differs from the expected file's model`;
    }
    for (const assertion of run.expect ?? []) {
      if (assertion.hidden === true || assertion.modes?.includes(mode) === false) continue;
      const failure = failureOf(assertion, printed, context);
      if (failure !== undefined) return failure;
    }
    return undefined;
  });

/** What `tso config` prints of a case is a file of its own: read in both formats, with nothing beside it, it is the same project. */
const printedAgain = (found: Case): Promise<Verdict> => {
  const mode = modeOf(found);
  const { files } = found;
  if (mode === undefined || files === undefined || found.error !== undefined) return Promise.resolve(undefined);
  return inFolder(files, async (folder) => {
    const first = await configOf({ ...found, files }, folder, mode);
    if (!first.ok) return undefined;
    for (const format of ['yaml', 'json'] as const) {
      const text = renderModel(first.model, format);
      write(folder, { 'printed.yaml': text });
      const again = await loadModel({ files: ['printed.yaml'], cwd: folder, env: {}, profiles: ['*'], allResources: true });
      if (!again.ok)
        return `as ${format} it is refused: ${again.diagnostics
          .map((d) => `${d.line} ${d.code} ${d.message}`)
          .join(' | ')
          .slice(0, 300)}`;
      if (renderModel(again.model, format) !== text) return `as ${format} it is read as another project`;
    }
    return undefined;
  });
};

const modeOf = (found: Case): string | undefined => ['cli-default', 'cli', 'api', 'api-yaml'].find((mode) => found.modes?.includes(mode));

const config = async (found: Case): Promise<Verdict> => {
  const mode = modeOf(found);
  return mode === undefined || found.files === undefined
    ? `is for none of the modes that are run (${found.modes?.join(', ')})`
    : projectVerdict(found, { ...found, files: found.files }, mode);
};

const throughConfig = async (found: Case): Promise<Verdict> => {
  const mode = modeOf(found);
  return mode === undefined || found.cli === undefined
    ? undefined
    : projectVerdict(found, { ...found.cli, env: found.cli.env ?? {} }, mode);
};

runKind('templates are interpolated as the reference does', ['template'], template);
runKind('the variables of a file are those that the reference finds', ['template-variables'], variables);
runKind('the operator of an expression is the one after the name', ['template-operator'], operator);
runKind('trees are interpolated as the reference does', ['interpolate'], interpolation);
runKind('env files are read as the reference does', ['dotenv'], dotenv);
runKind('sizes are read as the reference does', ['bytes'], bytes);
runKind('short mounts are read as the reference does', ['volume'], volume);
runKind('projects resolve to the model of the reference', ['config'], config);
runKind('cases of single functions hold through the whole pipeline', kindsThroughConfig, throughConfig, ' (config)');
runKind('what is printed of a project is read as the same project', ['config'], printedAgain, ' (again)');
