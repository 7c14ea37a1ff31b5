import test from 'ava';
import type { Diagnostic } from '../diagnostics.ts';
import { loadFrom } from '../load.ts';
import { attributeExamples } from '../testing/attribute-examples.ts';
import { memoryFiles } from '../testing/memory-files.ts';
import type { Json } from '../tree.ts';
import type { Attribute } from './attribute.ts';
import { catalogue, stepsOf } from './catalogue.ts';

/** Each attribute is put into a file that is sound without it, and what comes of it is held against what the catalogue says. */

type Plain = { [key: string]: Value };
type Value = string | number | boolean | null | Value[] | Plain;

const isPlain = (value: Value | undefined): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value);

const baseFile: Json = {
  services: {
    web: { image: 'i', networks: { n: {} } },
    other: { image: 'o', healthcheck: { test: 'true' }, network_mode: 'none' },
    third: { image: 't', tty: true, network_mode: 'none' },
    mounted: { image: 'm', volumes: ['v:/from'], network_mode: 'none' },
    user: { image: 'u', networks: ['n'], volumes: ['v:/v'], configs: ['f', 'g'], secrets: ['f', 'g'] },
  },
  networks: { n: { ipam: { config: [{ subnet: '10.9.0.0/24' }] } } },
  volumes: { v: {} },
  configs: { f: { content: 'f' }, g: { content: 'g' } },
  secrets: { f: { environment: 'HELD' }, g: { environment: 'HELD2' } },
};

const texts: Readonly<Record<string, string>> = {
  '/project/vars.env': "V='1'\n",
  '/project/more.env': 'M=2\n',
  '/project/labels.env': 'L=1\n',
  '/project/f.txt': 'one',
  '/project/g.txt': 'two',
  '/project/base.yaml': 'services: {other: {image: elsewhere}}',
  '/project/included.yaml': 'services: {inc: {image: "x:${TAG:-1}", volumes: ["./a:/a"]}}',
  '/project/more.yaml': 'services: {inc: {tty: true}}',
  '/project/include.env': 'TAG=2\n',
};

/**
 * What must stand around an attribute before it means something. It is there in both files; null takes away what the base has. A name that
 * ends with a dot is for all that stands below, the longest one counts; else it is for this attribute alone.
 */
const around: Readonly<Record<string, Json>> = {
  services: {},
  'include[].': { include: [{ path: ['included.yaml'] }] },
  models: { services: { web: { models: ['m'] } }, models: { m: { model: 'other' } } },
  'models.*.': { services: { web: { models: ['m'] } }, models: { m: { model: 'other' } } },
  'services.*.env_file[].': { services: { web: { env_file: [{ path: 'vars.env' }] } } },
  'services.*.env_file[].required': { services: { web: { env_file: [{ path: 'missing.env' }] } } },
  'services.*.extends': { services: { web: { image: null, networks: null } } },
  'services.*.extends.': { services: { web: { image: null, extends: { service: 'other' }, networks: null } } },
  'services.*.pull_refresh_after': { services: { web: { pull_policy: 'refresh' } } },
  'services.*.models': { models: { m: { model: 'x' } } },
  'services.*.models.*.': { services: { web: { models: { m: {} } } }, models: { m: { model: 'x' } } },
  'services.*.provider.': { services: { web: { provider: { type: 'x' } } } },
  'services.*.depends_on.*.': { services: { web: { depends_on: { other: { condition: 'service_started' } } } } },
  'services.*.healthcheck.': { services: { web: { healthcheck: { test: 'true' } } } },
  'services.*.pre_start[].': { services: { web: { pre_start: [{ command: ['echo'] }] } } },
  'services.*.pre_start[].per_replica': { services: { web: { scale: 2, pre_start: [{ command: ['echo'] }] } } },
  'services.*.post_start[].': { services: { web: { post_start: [{ command: ['echo'] }] } } },
  'services.*.pre_stop[].': { services: { web: { pre_stop: [{ command: ['echo'] }] } } },
  'services.*.devices[].': { services: { web: { devices: [{ source: '/dev/fuse', target: '/dev/fuse' }] } } },
  'services.*.devices[].target': { services: { web: { devices: [{ source: '/dev/fuse' }] } } },
  'services.*.gpus[].': { services: { web: { gpus: [{ capabilities: ['gpu'] }] } } },
  'services.*.ulimits.*.': { services: { web: { ulimits: { nofile: { soft: 7, hard: 70 } } } } },
  'services.*.cpu_period': { services: { web: { cpu_quota: 10_000 } } },
  'services.*.cpu_rt_runtime': { services: { web: { cpu_rt_period: '1s' } } },
  'services.*.cpu_rt_period': { services: { web: { cpu_rt_runtime: '100ms' } } },
  'services.*.memswap_limit': { services: { web: { mem_limit: '64m' } } },
  'services.*.networks': { services: { web: { networks: null } } },
  'services.*.networks.*.ipv6_address': { networks: { n: { enable_ipv6: true, ipam: { config: [{ subnet: 'fd00:9::/64' }] } } } },
  'services.*.networks.*.priority': { services: { web: { networks: { n: {}, m: {} } } }, networks: { m: {} } },
  'services.*.networks.*.gw_priority': { services: { web: { networks: { n: {}, m: {} } } }, networks: { m: {} } },
  'services.*.network_mode': { services: { web: { networks: null } } },
  'services.*.links': { services: { other: { network_mode: null, networks: ['n'] } } },
  'services.*.external_links': {
    services: { web: { networks: ['n', 'away'] } },
    networks: { away: { external: true, name: 'prod_default' } },
  },
  'services.*.ports[].': { services: { web: { ports: [{ target: 80, published: '8080' }] } } },
  'services.*.ports[].host_ip': { services: { web: { ports: [{ target: 80, published: '8080', mode: 'host' }] } } },
  'services.*.volumes[].': { services: { web: { volumes: [{ type: 'bind', source: '/a', target: '/a' }] } } },
  'services.*.volumes[].type': { services: { web: { volumes: [{ type: 'volume', target: '/a' }] } } },
  'services.*.volumes[].volume': { services: { web: { volumes: [{ type: 'volume', source: 'v', target: '/a' }] } } },
  'services.*.volumes[].volume.': { services: { web: { volumes: [{ type: 'volume', source: 'v', target: '/a' }] } } },
  'services.*.volumes[].tmpfs': { services: { web: { volumes: [{ type: 'tmpfs', target: '/a' }] } } },
  'services.*.volumes[].tmpfs.': { services: { web: { volumes: [{ type: 'tmpfs', target: '/a' }] } } },
  'services.*.volumes[].image': { services: { web: { volumes: [{ type: 'image', source: 'im', target: '/a' }] } } },
  'services.*.volumes[].image.': { services: { web: { volumes: [{ type: 'image', source: 'im', target: '/a' }] } } },
  'services.*.configs[].': { services: { web: { configs: [{ source: 'f', target: '/there' }] } } },
  'services.*.secrets[].': { services: { web: { secrets: [{ source: 'f', target: '/there' }] } } },
  'services.*.build.': { services: { web: { build: { context: '.' } } } },
  'services.*.build.dockerfile_inline': { services: { web: { build: { context: '.' } } } },
  'services.*.build.secrets[].': { services: { web: { build: { context: '.', secrets: [{ source: 'f', target: 'in' }] } } } },
  'services.*.build.ulimits.*.': { services: { web: { build: { context: '.', ulimits: { nofile: { soft: 7, hard: 70 } } } } } },
  'services.*.logging.': { services: { web: { logging: { driver: 'json-file' } } } },
  'services.*.develop.watch[].': { services: { web: { develop: { watch: [{ path: '/x', action: 'rebuild' }] } } } },
  'services.*.blkio_config.weight_device[].': {
    services: { web: { blkio_config: { weight_device: [{ path: '/dev/sda', weight: 300 }] } } },
  },
  ...Object.fromEntries(
    ['device_read_bps', 'device_write_bps', 'device_read_iops', 'device_write_iops'].map((key) => [
      `services.*.blkio_config.${key}[].`,
      { services: { web: { blkio_config: { [key]: [{ path: '/dev/sda', rate: 100 }] } } } },
    ]),
  ),
  'services.*.deploy.placement.preferences[].': {
    services: { web: { deploy: { placement: { preferences: [{ spread: 'node.labels.zone' }] } } } },
  },
  'services.*.deploy.resources.reservations.devices[].': {
    services: { web: { deploy: { resources: { reservations: { devices: [{ capabilities: ['gpu'] }] } } } } },
  },
  'services.*.deploy.resources.reservations.generic_resources[].discrete_resource_spec.': {
    services: {
      web: { deploy: { resources: { reservations: { generic_resources: [{ discrete_resource_spec: { kind: 'x', value: 1 } }] } } } },
    },
  },
  'networks.*.driver': {
    networks: { n: { driver_opts: { parent: 'eth0' }, ipam: { config: [{ subnet: '10.9.0.0/24', gateway: '10.9.0.1' }] } } },
  },
  'networks.*.external': { networks: { n: null } },
  'networks.*.ipam': { networks: { n: { ipam: null } } },
  'networks.*.ipam.': { networks: { n: { ipam: { driver: 'default' } } } },
  'networks.*.ipam.config': { networks: { n: { ipam: null } } },
  'networks.*.ipam.config[].': { networks: { n: { ipam: { config: [{ subnet: '10.8.0.0/24' }] } } } },
  ...Object.fromEntries(
    ['configs', 'secrets'].flatMap((kind) => [
      ...['file', 'environment', 'content', 'external', 'driver'].map((key) => [`${kind}.*.${key}`, { [kind]: { f: null } }]),
      [`${kind}.*.driver_opts`, { [kind]: { f: { driver: 'vault' } } }],
    ]),
  ),
};

/** Without which the file is not sound, so that there is nothing to hold the other against. */
const needed = [
  'services.*.env_file[].required',
  'services.*.deploy.resources.reservations.generic_resources[].discrete_resource_spec',
  'services.*.extends',
  'services.*.pull_refresh_after',
  'networks.*.external',
  ...['configs', 'secrets'].flatMap((kind) => ['file', 'environment', 'content', 'external'].map((key) => `${kind}.*.${key}`)),
];

/** What has no other effect than the same file without it, and why. */
const withoutDifference: Readonly<Record<string, string>> = {
  'networks.*.enable_ipv4': 'it says what is so',
  'networks.*.ipam.driver': 'it says what is so',
  'volumes.*.driver': 'it says what is so',
  'services.*.logging.driver': 'the drivers of files all mean the same, and another one is a warning of its value (W401)',
};

/** The name or index that stands for `*` and `[]` at a place. */
const nameAt = (path: string): string => {
  if (path === 'services') return 'web';
  if (path.endsWith('networks')) return 'n';
  if (path === 'volumes') return 'v';
  if (path === 'configs' || path === 'secrets') return 'f';
  if (path.endsWith('depends_on')) return 'other';
  if (path.endsWith('ulimits')) return 'nofile';
  return 'm';
};

const copy = (value: Json): Value => JSON.parse(JSON.stringify(value)) as Value;

const laid = (base: Value | undefined, over: Value): Value => {
  if (!isPlain(base) || !isPlain(over)) return over;
  const made: Plain = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete made[key];
    else made[key] = laid(made[key], value);
  }
  return made;
};

/** The surroundings of a path: its own, else those of the longest place that it stands below. */
const aroundOf = (path: string): Json => {
  const places = Object.keys(around).filter((place) => place === path || (place.endsWith('.') && path.startsWith(place)));
  const best = places.includes(path) ? path : places.toSorted((a, b) => b.length - a.length)[0];
  return best === undefined ? {} : (around[best] ?? {});
};

/** Puts the value at its place, and undefined nothing there, but what it would stand in. The result is the place. */
const setAt = (file: Value, path: string, value: Json | undefined): readonly (string | number)[] => {
  const steps = stepsOf(path);
  const at: (string | number)[] = [];
  let node = file;
  let pattern = '';
  for (const [index, step] of steps.entries()) {
    const isLast = index === steps.length - 1;
    const key: string | number = step === '[]' ? 0 : step === '*' ? nameAt(pattern) : step;
    pattern = pattern === '' ? step : step === '[]' ? `${pattern}[]` : `${pattern}.${step}`;
    at.push(key);
    const container = node as { [key: string | number]: Value };
    if (isLast && value !== undefined) container[key] = copy(value);
    else if (!isLast) {
      const next = container[key];
      if (next === undefined || next === null) container[key] = steps[index + 1] === '[]' ? [] : {};
      node = container[key] as Value;
    }
  }
  return at;
};

interface Outcome {
  readonly ok: boolean;
  readonly text: string;
  readonly said: readonly Diagnostic[];
}

const loaded = (text: string): Outcome => {
  const files = memoryFiles({ ...texts, '/project/compose.yaml': text });
  const result = loadFrom({ files: [], cwd: '/project', env: { HELD: 'held', HELD2: 'held too' } }, files);
  const said = result.ok ? result.warnings : result.diagnostics;
  if (!result.ok) return { ok: false, text: said.map(({ code, message }) => `${code} ${message}`).join('\n'), said };
  const { spec, contents, builds } = result;
  const bytes = (_key: string, value: unknown): unknown => (value instanceof Uint8Array ? [...value] : value);
  const warnings = said.map(({ code, message }) => `${code} ${message}`);
  return { ok: true, text: JSON.stringify({ spec, contents, builds, warnings }, bytes), said };
};

/** By text: most attributes are put into the same few files. */
const outcomes = new Map<string, Outcome>();

const outcomeOf = (file: Value): Outcome => {
  const text = JSON.stringify(file);
  const outcome = outcomes.get(text) ?? loaded(text);
  outcomes.set(text, outcome);
  return outcome;
};

const pathText = (at: readonly (string | number)[]): string =>
  at.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');

const isBelow = (path: string, above: string): boolean => path.startsWith(`${above}.`) || path.startsWith(`${above}[`);

const said = (outcome: Outcome): string => outcome.said.map(({ code, message }) => `${code} ${message}`).join('; ');

/** What is wrong with what the catalogue says of an attribute; undefined: nothing. */
const faultOf = ({ path, becomes }: Attribute): string | undefined => {
  const value = attributeExamples[path];
  if (value === undefined) return 'has no example (testing/attribute-examples.ts)';
  const base = laid(copy(baseFile), copy(aroundOf(path)));
  const changed = copy(base as Json);
  setAt(base, path, undefined);
  const at = pathText(setAt(changed, path, value));
  const without = outcomeOf(base);
  const result = outcomeOf(changed);
  const told = (code: string): boolean => result.said.some((one) => one.code === code && (at === one.path || isBelow(at, one.path)));
  switch (becomes) {
    case 'error':
      return told('E400') ? undefined : `is refused, and was not: ${result.text.slice(0, 300)}`;
    case 'warning':
      return told('W400') ? undefined : `is warned of, and was not: ${result.text.slice(0, 300)}`;
    case 'acts':
      if (!result.ok) return `acts, and was refused: ${result.text}`;
      if (result.said.some((one) => one.code === 'W400' && (one.path === at || isBelow(one.path, at))))
        return `acts, and was warned of: ${said(result)}`;
      if (!without.ok && !needed.includes(path)) return `is put into a file that is not sound without it: ${without.text}`;
      if (withoutDifference[path] === undefined && result.text === without.text) return 'acts, and nothing differs with it';
      return undefined;
    default:
      return becomes satisfies never;
  }
};

test('every attribute does what the catalogue says: it makes a difference, is warned of, or is refused', (t) => {
  const faults = catalogue.flatMap((attribute) => {
    const fault = faultOf(attribute);
    return fault === undefined ? [] : [`${attribute.path} ${fault}`];
  });
  t.deepEqual(faults, []);
});
