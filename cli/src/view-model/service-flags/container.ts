import type { ContainerSpec, ServiceSpec } from '@tso/proto';
import { type Attributes, FlagProblem, last, type ServiceFlag, scalar, withContainer } from './flag.ts';

type Container = ServiceSpec['task']['container'];

/** A flag for one attribute, of which a file's own reading is taken over. */
const single = (
  name: string,
  value: string,
  text: string,
  attributes: (value: string) => Attributes,
  take: (made: Container) => Partial<ContainerSpec>,
): ServiceFlag => ({
  name,
  value,
  text,
  apply: (spec, values, { parse }) => withContainer(spec, take(parse(name, last(values), attributes(last(values))).task.container)),
});

const toggle = (name: string, text: string, change: (on: boolean) => Partial<ContainerSpec>): ServiceFlag => ({
  name,
  value: undefined,
  text,
  apply: (spec, values) => withContainer(spec, change(last(values) === 'true')),
});

/** Without words it is the image's own. */
const words = (name: 'args' | 'entrypoint', text: string, key: 'command' | 'entrypoint'): ServiceFlag => ({
  name,
  value: '<words>',
  text,
  apply: (spec, values, { parse }) => {
    const { [key]: _before, ...others } = spec.task.container;
    const said = last(values);
    const made = said.trim() === '' ? undefined : parse(name, said, { [key]: said }).task.container[key];
    return { ...spec, task: { ...spec.task, container: { ...others, ...(made === undefined ? {} : { [key]: made }) } } };
  },
});

/** What a container is made from, one thing each. */
export const containerFlags: readonly ServiceFlag[] = [
  {
    name: 'image',
    value: '<image>',
    text: 'the image',
    apply: (spec, values, { parse }) => {
      if (last(values).trim() === '') throw new FlagProblem('--image: it is told nothing', 'Write --image IMAGE.');
      const { image } = parse('image', last(values), { image: last(values) }).task.container;
      // What was built is not what is to run now.
      return withContainer(spec, { image, builtDigest: image === spec.task.container.image ? spec.task.container.builtDigest : '' });
    },
  },
  words('args', 'the command; empty: the image’s', 'command'),
  words('entrypoint', 'the entrypoint; empty: the image’s', 'entrypoint'),
  single(
    'user',
    '<user>',
    'name or id, and :group',
    (user) => ({ user }),
    ({ user }) => ({ user }),
  ),
  single(
    'workdir',
    '<dir>',
    'the working directory',
    (dir) => ({ working_dir: dir }),
    ({ workingDir }) => ({ workingDir }),
  ),
  single(
    'hostname',
    '<name>',
    'the host name inside',
    (hostname) => ({ hostname }),
    ({ hostname }) => ({ hostname }),
  ),
  toggle('read-only', 'mount the root filesystem read-only', (readOnly) => ({ readOnly })),
  toggle('init', 'run a small init as the first process', (init) => ({ init })),
  toggle('tty', 'give it a terminal', (tty) => ({ tty })),
  single(
    'stop-signal',
    '<signal>',
    'the signal that asks it to end',
    (signal) => ({ stop_signal: signal }),
    ({ stopSignal }) => ({ stopSignal }),
  ),
  single(
    'stop-grace-period',
    '<duration>',
    'how long it may take to end',
    (period) => ({ stop_grace_period: period }),
    ({ stopGracePeriodMs }) => ({ stopGracePeriodMs }),
  ),
  {
    name: 'oom-score-adj',
    value: '<n>',
    text: 'how readily the kernel ends it when memory runs out (-1000 to 1000)',
    apply: (spec, values, { parse }) => {
      const { oomScoreAdj } = parse('oom-score-adj', last(values), { oom_score_adj: scalar(last(values)) }).task.container;
      return withContainer(spec, { oomScoreAdj });
    },
  },
];
