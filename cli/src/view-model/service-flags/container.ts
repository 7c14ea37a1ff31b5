import type { ContainerSpec, HealthCheck, ServiceSpec } from '@tso/proto';
import {
  type Attributes,
  FlagProblem,
  last,
  put,
  type ServiceFlag,
  scalar,
  withContainer,
  without,
  withoutNames,
  withPairs,
} from './flag.ts';

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

/** The same of a list of words: what is there already moves behind. */
const list = (
  names: { readonly add: string; readonly rm?: string },
  value: string,
  text: string,
  attributes: (value: string) => Attributes,
  of: (container: Container) => readonly string[],
  take: (container: Container, entries: readonly string[]) => Partial<ContainerSpec>,
  isMeant: (entry: string, word: string) => boolean = (entry, word) => entry === word,
): readonly ServiceFlag[] => {
  const add: ServiceFlag = {
    name: names.add,
    value,
    text: `add ${text}`,
    repeatable: true,
    apply: (spec, values, { parse }) => {
      const made = values.flatMap((one) => of(parse(names.add, one, attributes(one)).task.container));
      return withContainer(
        spec,
        take(
          spec.task.container,
          put(of(spec.task.container), made, (entry) => entry),
        ),
      );
    },
  };
  if (names.rm === undefined) return [add];
  const { rm } = names;
  const remove: ServiceFlag = {
    name: rm,
    value,
    text: `remove ${text}`,
    repeatable: true,
    apply: (spec, values) => {
      const { container } = spec.task;
      return withContainer(spec, take(container, without(rm, of(container), values, isMeant, String)));
    },
  };
  return [remove, add];
};

const toggle = (name: string, text: string, change: (on: boolean) => Partial<ContainerSpec>): ServiceFlag => ({
  name,
  value: undefined,
  text,
  apply: (spec, values) => withContainer(spec, change(last(values) === 'true')),
});

const envName = (entry: string): string => entry.split('=', 1)[0] ?? '';

const environment: readonly ServiceFlag[] = [
  {
    name: 'env-rm',
    value: '<name>',
    text: 'remove a variable',
    repeatable: true,
    apply: (spec, values) =>
      withContainer(spec, { env: without('env-rm', spec.task.container.env, values, (entry, word) => envName(entry) === word, envName) }),
  },
  {
    name: 'env-add',
    value: '<name=value>',
    text: 'add or change a variable; without a value it is taken from here',
    repeatable: true,
    apply: (spec, values, { env }) => {
      const entries = values.map((entry) => {
        if (envName(entry) === '') throw new FlagProblem(`--env-add ${entry}: there is no name`, 'Write NAME=VALUE.');
        if (entry.includes('=')) return entry;
        const value = env[entry];
        if (value === undefined) throw new FlagProblem(`--env-add ${entry}: it has no value here`, `Write --env-add ${entry}=VALUE.`);
        return `${entry}=${value}`;
      });
      return withContainer(spec, { env: put(spec.task.container.env, entries, envName) });
    },
  },
];

const labels: readonly ServiceFlag[] = [
  {
    name: 'container-label-rm',
    value: '<name>',
    text: 'remove a label of the containers',
    repeatable: true,
    apply: (spec, values) => withContainer(spec, { labels: withoutNames('container-label-rm', spec.task.container.labels, values) }),
  },
  {
    name: 'container-label-add',
    value: '<name=value>',
    text: 'add or change a label of the containers',
    repeatable: true,
    apply: (spec, values) => withContainer(spec, { labels: withPairs('container-label-add', spec.task.container.labels, values) }),
  },
];

const sysctls: readonly ServiceFlag[] = [
  {
    name: 'sysctl-rm',
    value: '<name>',
    text: 'remove a kernel setting',
    repeatable: true,
    apply: (spec, values) => withContainer(spec, { sysctls: withoutNames('sysctl-rm', spec.task.container.sysctls, values) }),
  },
  {
    name: 'sysctl-add',
    value: '<name=value>',
    text: 'add or change a kernel setting',
    repeatable: true,
    apply: (spec, values, { parse }) => {
      const made = values.map((one) => parse('sysctl-add', one, { sysctls: [one] }).task.container.sysctls);
      return withContainer(spec, { sysctls: Object.assign({}, spec.task.container.sysctls, ...made) });
    },
  },
];

const limitOf = (text: string): Attributes => {
  const [name = '', soft = '', hard] = text.split(/[=:]/);
  return { ulimits: { [name]: hard === undefined ? scalar(soft) : { soft: scalar(soft), hard: scalar(hard) } } };
};

const ulimits: readonly ServiceFlag[] = [
  {
    name: 'ulimit-rm',
    value: '<name>',
    text: 'remove a limit of processes',
    repeatable: true,
    apply: (spec, values) => {
      const kept = without(
        'ulimit-rm',
        spec.task.container.ulimits,
        values,
        ({ name }, word) => name === word,
        ({ name }) => name,
      );
      return withContainer(spec, { ulimits: kept });
    },
  },
  {
    name: 'ulimit-add',
    value: '<name=soft[:hard]>',
    text: 'add or change a limit of processes',
    repeatable: true,
    apply: (spec, values, { parse }) => {
      const made = values.flatMap((one) => {
        if (!/^[a-z]+=-?\d+(?::-?\d+)?$/.test(one))
          throw new FlagProblem(`--ulimit-add ${one}: it is no limit`, 'Write NAME=SOFT:HARD, such as nofile=1024:2048.');
        return parse('ulimit-add', one, limitOf(one)).task.container.ulimits;
      });
      return withContainer(spec, { ulimits: put(spec.task.container.ulimits, made, ({ name }) => name) });
    },
  },
];

const bareCapability = (name: string): string => name.toUpperCase().replace(/^CAP_/, '');

/** What is granted is not dropped, and the other way round. */
const capability = (
  name: string,
  text: string,
  key: 'capAdd' | 'capDrop',
  other: 'capAdd' | 'capDrop',
  attribute: string,
): ServiceFlag => ({
  name,
  value: '<capability>',
  text,
  repeatable: true,
  apply: (spec, values, { parse }) => {
    const { container } = spec.task;
    const made = values.flatMap((one) => parse(name, one, { [attribute]: [one] }).task.container[key]);
    const given = new Set(made.map(bareCapability));
    return withContainer(spec, {
      [key]: put(container[key], made, bareCapability),
      [other]: container[other].filter((one) => !given.has(bareCapability(one))),
    });
  },
});

const noCheck: HealthCheck = { test: [], intervalMs: 0, timeoutMs: 0, retries: 0, startPeriodMs: 0, startIntervalMs: 0 };

/** One setting of the health check, the others of which stay. */
const health = (name: string, value: string, text: string, key: keyof HealthCheck, attribute: string): ServiceFlag => ({
  name,
  value,
  text,
  apply: (spec, values, { parse }) => {
    const said = key === 'test' ? ['CMD-SHELL', last(values)] : key === 'retries' ? scalar(last(values)) : last(values);
    const made = parse(name, last(values), { healthcheck: { test: ['CMD', 'true'], [attribute]: said } }).task.container.healthCheck;
    const before = spec.task.container.healthCheck ?? noCheck;
    if (key !== 'test' && before.test[0] === 'NONE') {
      throw new FlagProblem(
        `--${name} ${last(values)}: the service's health check is switched off`,
        'Say which it is to have: --health-cmd.',
      );
    }
    return withContainer(spec, { healthCheck: { ...before, [key]: (made ?? noCheck)[key] } });
  },
});

const noHealthCheck: ServiceFlag = {
  name: 'no-healthcheck',
  value: undefined,
  text: 'switch the health check off, the image’s too',
  apply: (spec) => withContainer(spec, { healthCheck: { ...noCheck, test: ['NONE'] } }),
};

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

const dnsOf = ({ dns }: Container) => dns ?? { servers: [], search: [], options: [] };
const hostName = (entry: string): string => entry.split('=', 1)[0] ?? '';

/** What a container is made from. */
export const containerFlags: readonly ServiceFlag[] = [
  {
    name: 'image',
    value: '<image>',
    text: 'the image',
    apply: (spec, values, { parse }) => {
      const { image } = parse('image', last(values), { image: last(values) }).task.container;
      // What was built is not what is to run now.
      return withContainer(spec, { image, builtDigest: image === spec.task.container.image ? spec.task.container.builtDigest : '' });
    },
  },
  words('args', 'the command; empty: the image’s', 'command'),
  words('entrypoint', 'the entrypoint; empty: the image’s', 'entrypoint'),
  ...environment,
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
  ...list(
    { add: 'group-add', rm: 'group-rm' },
    '<group>',
    'a supplementary group',
    (group) => ({ group_add: [group] }),
    ({ groupAdd }) => groupAdd,
    (_container, groupAdd) => ({ groupAdd }),
  ),
  ...labels,
  toggle('read-only', 'mount the root filesystem read-only', (readOnly) => ({ readOnly })),
  toggle('init', 'run a small init as the first process', (init) => ({ init })),
  toggle('tty', 'give it a terminal', (tty) => ({ tty })),
  capability('cap-add', 'grant a capability', 'capAdd', 'capDrop', 'cap_add'),
  capability('cap-drop', 'drop a capability', 'capDrop', 'capAdd', 'cap_drop'),
  ...sysctls,
  ...ulimits,
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
  health('health-cmd', '<command>', 'the command that says whether it is healthy', 'test', 'test'),
  health('health-interval', '<duration>', 'between two checks', 'intervalMs', 'interval'),
  health('health-timeout', '<duration>', 'how long a check may take', 'timeoutMs', 'timeout'),
  health('health-retries', '<n>', 'so many failures in a row make it unhealthy', 'retries', 'retries'),
  health('health-start-period', '<duration>', 'how long failures do not count after the start', 'startPeriodMs', 'start_period'),
  health('health-start-interval', '<duration>', 'between two checks within that', 'startIntervalMs', 'start_interval'),
  noHealthCheck,
  ...list(
    { add: 'host-add', rm: 'host-rm' },
    '<name:address>',
    'a line of /etc/hosts',
    (host) => ({ extra_hosts: [host] }),
    ({ extraHosts }) => extraHosts,
    (_container, extraHosts) => ({ extraHosts }),
    (entry, word) => entry === word.replace(':', '=') || hostName(entry) === word,
  ),
  ...list(
    { add: 'dns-add', rm: 'dns-rm' },
    '<address>',
    'a DNS server',
    (server) => ({ dns: [server] }),
    (container) => dnsOf(container).servers,
    (container, servers) => ({ dns: { ...dnsOf(container), servers } }),
  ),
  ...list(
    { add: 'dns-search-add', rm: 'dns-search-rm' },
    '<domain>',
    'a domain that names are looked up in',
    (domain) => ({ dns_search: [domain] }),
    (container) => dnsOf(container).search,
    (container, search) => ({ dns: { ...dnsOf(container), search } }),
  ),
  ...list(
    { add: 'dns-option-add', rm: 'dns-option-rm' },
    '<option>',
    'an option of the resolver',
    (option) => ({ dns_opt: [option] }),
    (container) => dnsOf(container).options,
    (container, options) => ({ dns: { ...dnsOf(container), options } }),
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
