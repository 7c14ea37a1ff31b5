import test from 'ava';
import { Report } from '../../compose/src/diagnostics.ts';
import { parseEnvText } from '../../compose/src/env-file.ts';
import type { ServiceModel } from '../../compose/src/model.ts';
import { isWindowsAbsolute } from '../../compose/src/paths.ts';
import { dependenciesOf } from '../../compose/src/profiles.ts';
import { toEnvironment, toLabels } from '../../compose/src/short-forms/values.ts';
import { isHostPath } from '../../compose/src/short-forms/volumes.ts';
import { saidOf } from '../../compose/src/testing/memory-files.ts';
import { fromPlain, toPlain } from '../../compose/src/tree.ts';
import { variablesOf } from '../../compose/src/variables.ts';
import { allCases, type Case, casesPresent, type Json } from './cases.ts';
import { judge, kindsThroughConfig, runKind, type Verdict } from './run-kind.ts';
import { skips } from './skips.ts';

/** Cases about single functions of the reference, run against the function of ours that does the same. */

const variables = (found: Case): Verdict =>
  judge(found, () => ({
    variables: Object.fromEntries(
      variablesOf(found.tree ?? null).map(({ name, required, defaultValue, alternateValue }) => [
        name,
        { Name: name, Required: required, DefaultValue: defaultValue, PresenceValue: alternateValue },
      ]),
    ),
  }));

const windowsPath = (found: Case): Verdict => judge(found, () => ({ result: isWindowsAbsolute(found.path ?? '') }));

const filePath = (found: Case): Verdict => judge(found, () => ({ result: isHostPath(found.input ?? '') }));

const mapping = (found: Case): Verdict =>
  judge(found, () => {
    const tree = fromPlain([...(found.list ?? [])], { file: 'case', line: 1, column: 1, length: 1 });
    const rewrite = found.nil_when_unset === true ? toEnvironment : toLabels;
    return { map: toPlain(rewrite(tree, [], { report: new Report(), interpolated: true })) as Json };
  });

/** A text in which no statement begins holds no variable. */
const statementStart = (found: Case): Verdict =>
  judge(found, () => ({ rest: [...parseEnvText(found.input ?? '', () => undefined).keys()].join() }));

interface Said {
  readonly depends_on: Readonly<Record<string, { readonly required: boolean }>>;
}

const dependencyGraph = (found: Case): Verdict => {
  const services = (found as unknown as { readonly services: Readonly<Record<string, Said>> }).services;
  return judge(found, () => {
    const whole = Object.entries({ ...services, ...found.disabled }).map(([name, said]) => {
      const { depends_on, ...rest } = said as unknown as Said;
      const needs = Object.entries(depends_on).map(([other, how]) => [other, { condition: 'service_started', ...how }]);
      return [name, { image: 'i', ...rest, depends_on: Object.fromEntries(needs) }];
    });
    const refusal = saidOf(JSON.stringify({ services: Object.fromEntries(whole) })).find(({ severity }) => severity === 'error');
    if (refusal !== undefined) throw new Error(refusal.message);
    const children = (name: string): readonly string[] => [...dependenciesOf(services[name] as unknown as ServiceModel).keys()];
    const parents = (name: string): readonly string[] => Object.keys(services).filter((other) => children(other).includes(name));
    const named = (names: readonly string[]): Json => Object.fromEntries(names.map((name) => [name, {}]));
    return Object.fromEntries(
      Object.keys(services).map((name) => [name, { children: named(children(name)), parents: named(parents(name)) }]),
    );
  });
};

runKind('variables are found with their defaults as the reference does', ['template-variables'], variables);
runKind('absolute paths of Windows are told from others', ['windows-abs'], windowsPath);
runKind('names are told from paths', ['is-file-path'], filePath);
runKind('lists of KEY=VALUE become mappings', ['mapping'], mapping);
runKind('comments and line ends begin no statement of an env file', ['dotenv-statement-start'], statementStart);
runKind('who depends on whom is found as the reference does', ['dependency-graph'], dependencyGraph);

/** Kinds that ask about something this project has nowhere, with the reason. */
const kindsWithoutCounterpart: Readonly<Record<string, string>> = {
  'path-match': 'the reference finds by path patterns which values to cast; here each key has its own rewrite, and no pattern is matched',
  'dependency-order':
    'the reference starts services one by one in an order; here the manager lets each task wait for what it depends on, which its own tests show',
};

const kindsOfFunctions = [
  'template-operator',
  'config',
  'template-variables',
  'windows-abs',
  'is-file-path',
  'mapping',
  'dotenv-statement-start',
  'dependency-graph',
];

test('every case is run, and every kind that is not has its reason', (t) => {
  const run = new Set([...kindsThroughConfig, ...kindsOfFunctions]);
  const left = [...new Set(allCases.map(({ kind }) => kind))].filter((kind) => !run.has(kind));
  if (casesPresent) t.deepEqual(left.toSorted(), Object.keys(kindsWithoutCounterpart).toSorted());
  else t.deepEqual(left, []);
  const names = new Set(allCases.map(({ name }) => name));
  const unknown = Object.keys(skips).filter((name) => !names.has(name.replace(/ \((config|again)\)$/, '')));
  t.deepEqual(casesPresent ? unknown : [], [], 'skips of cases that there are not');
  t.log(`${allCases.length} cases, ${Object.keys(skips).length} skipped`);
});
