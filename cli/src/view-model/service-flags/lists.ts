import type { ContainerSpec, ServiceSpec } from '@tso/proto';
import { type Attributes, FlagProblem, put, type ServiceFlag, scalar, withContainer, without, withoutNames, withPairs } from './flag.ts';

type Container = ServiceSpec['task']['container'];

/** Two flags for a list of words, read as a file reads them: what is there already moves behind. */
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
      const bare = values.find((one) => !/^[^=]+=./.test(one));
      if (bare !== undefined)
        throw new FlagProblem(`--sysctl-add ${bare}: it has no value`, 'Write NAME=VALUE, such as net.core.somaxconn=1024.');
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

const dnsOf = ({ dns }: Container) => dns ?? { servers: [], search: [], options: [] };
const hostName = (entry: string): string => entry.split('=', 1)[0] ?? '';

/** Lists of a container, which grow and shrink. */
export const listFlags: readonly ServiceFlag[] = [
  ...environment,
  ...labels,
  ...list(
    { add: 'group-add', rm: 'group-rm' },
    '<group>',
    'a supplementary group',
    (group) => ({ group_add: [group] }),
    ({ groupAdd }) => groupAdd,
    (_container, groupAdd) => ({ groupAdd }),
  ),
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
  capability('cap-add', 'grant a capability', 'capAdd', 'capDrop', 'cap_add'),
  capability('cap-drop', 'drop a capability', 'capDrop', 'capAdd', 'cap_drop'),
  ...sysctls,
  ...ulimits,
];
