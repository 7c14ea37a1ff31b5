import { ServiceMode, type ServiceSpec, type UpdateConfig } from '@tso/proto';
import { FlagProblem, last, type ServiceFlag, scalar, withoutNames, withPairs, withTask } from './flag.ts';

type Part = 'update' | 'rollback';

interface Setting {
  readonly name: string;
  readonly value: string;
  readonly text: string;
  readonly key: keyof UpdateConfig;
  readonly attribute: string;
  readonly choices?: readonly string[];
}

/** One setting of how tasks are replaced. */
const rollout = (part: Part, { name, value, text, key, attribute, choices }: Setting): ServiceFlag => ({
  name: `${part}-${name}`,
  value,
  text: `${part}: ${text}`,
  ...(choices === undefined ? {} : { choices }),
  apply: (spec, values, { parse }) => {
    const said = value === '<duration>' || choices !== undefined ? last(values) : scalar(last(values));
    const made = parse(`${part}-${name}`, last(values), { deploy: { [`${part}_config`]: { [attribute]: said } } })[part];
    return { ...spec, [part]: { ...spec[part], [key]: made[key] } };
  },
});

const settings = (part: Part): readonly Setting[] => [
  { name: 'parallelism', value: '<n>', text: 'tasks replaced at once; 0: all', key: 'parallelism', attribute: 'parallelism' },
  { name: 'delay', value: '<duration>', text: 'between two steps', key: 'delayMs', attribute: 'delay' },
  { name: 'order', value: '<order>', text: 'what comes first', key: 'order', attribute: 'order', choices: ['stop-first', 'start-first'] },
  { name: 'monitor', value: '<duration>', text: 'how long a new task is watched for failing', key: 'monitorMs', attribute: 'monitor' },
  {
    name: 'max-failure-ratio',
    value: '<ratio>',
    text: 'how many may fail, from 0 to 1',
    key: 'maxFailureRatio',
    attribute: 'max_failure_ratio',
  },
  {
    name: 'failure-action',
    value: '<action>',
    text: 'when more fail',
    key: 'failureAction',
    attribute: 'failure_action',
    choices: ['pause', 'continue', ...(part === 'update' ? ['rollback'] : [])],
  },
];

const rolloutFlags = (part: Part): readonly ServiceFlag[] => settings(part).map((setting) => rollout(part, setting));

/** Both are settings of an update that only files of this program know. */
const ownRollout: readonly ServiceFlag[] = [
  {
    name: 'update-progress-deadline',
    value: '<duration>',
    text: 'update: it has failed after so long without a task more that serves; 0: never',
    apply: (spec, values, { parse }) => {
      const made = parse('update-progress-deadline', last(values), { deploy: { update_config: { delay: last(values) } } });
      return { ...spec, update: { ...spec.update, progressDeadlineMs: made.update.delayMs } };
    },
  },
  {
    name: 'update-pause-after',
    value: '<n>',
    text: 'update: stand still after so many replacements, until told to go on; 0: not',
    apply: (spec, values): ServiceSpec => {
      if (!/^\d{1,7}$/.test(last(values))) throw new FlagProblem(`--update-pause-after ${last(values)}: it is not a whole number from 0`);
      return { ...spec, update: { ...spec.update, pauseAfter: Number(last(values)) } };
    },
  },
];

const restart = (name: string, value: string, text: string, key: keyof ServiceSpec['task']['restart'], attribute: string): ServiceFlag => ({
  name: `restart-${name}`,
  value,
  text,
  apply: (spec, values, { parse }) => {
    const said = attribute === 'max_attempts' ? scalar(last(values)) : last(values);
    const made = parse(`restart-${name}`, last(values), { deploy: { restart_policy: { [attribute]: said } } }).task.restart;
    return withTask(spec, { restart: { ...spec.task.restart, [key]: made[key] } });
  },
});

/** How many a service is to have; of a job how often it is to complete, at most as many at once as before. */
export const withReplicas = (spec: ServiceSpec, replicas: number, flag: string): ServiceSpec => {
  if (spec.mode === ServiceMode.GLOBAL || spec.mode === ServiceMode.GLOBAL_JOB) {
    throw new FlagProblem(`${flag}: the service is global, it has one task on each node`, 'Remove deploy.mode from it, or the option.');
  }
  if (spec.job === undefined) return { ...spec, replicas };
  // All at once, as replicas in a file mean it, unless there are to be fewer at once.
  const { totalCompletions, maxConcurrent } = spec.job;
  return { ...spec, job: { totalCompletions: replicas, maxConcurrent: maxConcurrent === totalCompletions ? replicas : maxConcurrent } };
};

const count = (flag: string, text: string): number => {
  if (!/^\d{1,7}$/.test(text) || Number(text) > 1_000_000)
    throw new FlagProblem(`--${flag} ${text}: it is not a whole number from 0 to 1000000`);
  return Number(text);
};

const numbers: readonly ServiceFlag[] = [
  {
    name: 'replicas',
    value: '<n>',
    text: 'how many tasks; of a job how often it is to complete',
    apply: (spec, values) => withReplicas(spec, count('replicas', last(values)), `--replicas ${last(values)}`),
  },
  {
    name: 'max-concurrent',
    value: '<n>',
    text: 'tasks of a job that run at once; 0: all',
    apply: (spec, values): ServiceSpec => {
      const maxConcurrent = count('max-concurrent', last(values));
      if (spec.job === undefined) throw new FlagProblem(`--max-concurrent ${maxConcurrent}: the service is no job`, 'Use --replicas.');
      return { ...spec, job: { ...spec.job, maxConcurrent } };
    },
  },
];

const labels: readonly ServiceFlag[] = [
  {
    name: 'label-rm',
    value: '<name>',
    text: 'remove a label of the service',
    repeatable: true,
    apply: (spec, values) => ({ ...spec, labels: withoutNames('label-rm', spec.labels, values) }),
  },
  {
    name: 'label-add',
    value: '<name=value>',
    text: 'add or change a label of the service',
    repeatable: true,
    apply: (spec, values) => ({ ...spec, labels: withPairs('label-add', spec.labels, values) }),
  },
];

/** `max-size=10m`: of the log files of a task. */
const logOptions: ServiceFlag = {
  name: 'log-opt',
  value: '<name=value>',
  text: 'max-size or max-file of a task’s log',
  repeatable: true,
  apply: (spec, values, { parse }) =>
    values.reduce((before, text) => {
      const [name = '', value = ''] = text.split(/=(.*)/s);
      if (name !== 'max-size' && name !== 'max-file')
        throw new FlagProblem(`--log-opt ${text}: it is not known`, 'There are max-size=10m and max-file=3.');
      const { logMaxSizeBytes, logMaxFiles } = parse('log-opt', text, { logging: { options: { [name]: value } } }).task;
      return withTask(before, name === 'max-size' ? { logMaxSizeBytes } : { logMaxFiles });
    }, spec),
};

/** How many there are, and how they come and go. */
export const rolloutServiceFlags: readonly ServiceFlag[] = [
  ...numbers,
  ...labels,
  ...rolloutFlags('update'),
  ...ownRollout,
  ...rolloutFlags('rollback'),
  {
    ...restart('condition', '<condition>', 'when an ended task is replaced', 'condition', 'condition'),
    choices: ['none', 'on-failure', 'any'],
  },
  restart('delay', '<duration>', 'how long that is waited for', 'delayMs', 'delay'),
  restart('max-attempts', '<n>', 'how often at most', 'maxAttempts', 'max_attempts'),
  restart('window', '<duration>', 'within which that is counted', 'windowMs', 'window'),
  logOptions,
];
