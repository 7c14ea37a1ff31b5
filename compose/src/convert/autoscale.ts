import { type AutoscaleSpec, type Resources, ServiceMode } from '@tso/proto';
import { autoscaleKey } from '../attributes/extensions.ts';
import { meantHint } from '../diagnostics.ts';
import type { ServiceModel } from '../model.ts';
import type { Json, TreePath } from '../tree.ts';
import { parseDuration } from '../units.ts';
import { type ConvertInput, tell } from './context.ts';

/** Between how many tasks a service goes by itself, and by what. */

const words = ['min', 'max', 'cpu', 'memory', 'cool_down'] as const;
type Word = (typeof words)[number];
type Said = Readonly<Partial<Record<Word, Json>>>;

const mostTasks = 10_000;
/** What is reserved may be little of what is there to be taken. */
const mostPercent = 1_000;
const defaultCoolDownMs = 300_000;
const leastCoolDownMs = 5_000;
const longestCoolDownMs = 86_400_000;

interface Reader {
  readonly input: ConvertInput;
  readonly path: TreePath;
  readonly said: Said;
}

const isSaid = (value: Json | undefined): value is Exclude<Json, null> => value !== undefined && value !== null;

/** As a text, where it is one or a number; else one that is nothing. */
const textOf = (value: Json): string => (typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '');

const readCount = ({ input, path, said }: Reader, word: 'min' | 'max'): number | undefined => {
  const value = said[word];
  if (!isSaid(value)) return undefined;
  const count = /^\d{1,6}$/.test(textOf(value)) ? Number(textOf(value)) : 0;
  if (count >= 1 && count <= mostTasks) return count;
  tell(input, 'E202', [...path, word], `${JSON.stringify(value)} is not a number of tasks`, `write a number from 1 to ${mostTasks}`);
  return undefined;
};

/** 70, "70" or "70%"; 0: not said. */
const readPercent = ({ input, path, said }: Reader, word: 'cpu' | 'memory'): number => {
  const value = said[word];
  if (!isSaid(value)) return 0;
  const [, digits = ''] = /^(\d{1,6})\s*%?$/.exec(textOf(value)) ?? [];
  const percent = Number(digits);
  if (percent >= 1 && percent <= mostPercent) return percent;
  const hint = `write percent from 1 to ${mostPercent}: 70%`;
  tell(input, 'E202', [...path, word], `${JSON.stringify(value)} is not a part of what a task has reserved`, hint);
  return 0;
};

const readCoolDownMs = ({ input, path, said }: Reader): number => {
  const value = said.cool_down;
  if (!isSaid(value)) return defaultCoolDownMs;
  const nanos = typeof value === 'string' ? parseDuration(value) : undefined;
  const ms = nanos === undefined ? Number.NaN : Math.round(nanos / 1e6);
  if (ms >= leastCoolDownMs && ms <= longestCoolDownMs) return ms;
  tell(input, 'E202', [...path, 'cool_down'], `${JSON.stringify(value)} is not a time to cool down`, 'write a duration from 5s to 24h: 5m');
  return defaultCoolDownMs;
};

/** What is said; undefined: it is no map, or has words that mean nothing, which is told. */
const readMap = (input: ConvertInput, path: TreePath, value: Json): Said | undefined => {
  const isMap = (it: Json): it is { readonly [key: string]: Json } => typeof it === 'object' && it !== null && !Array.isArray(it);
  if (!isMap(value)) {
    tell(input, 'E202', path, `${autoscaleKey} must be a map, but is ${JSON.stringify(value)}`, 'write {min: 1, max: 5, cpu: 70%}');
    return undefined;
  }
  const unknown = Object.keys(value).filter((key) => !words.some((word) => word === key) && !key.startsWith('x-'));
  for (const key of unknown)
    tell(
      input,
      'E202',
      [...path, key],
      `${key} is nothing that ${autoscaleKey} has`,
      meantHint(key, words) ?? `it has: ${words.join(', ')}`,
    );
  return unknown.length === 0 ? value : undefined;
};

/** What the rest of the service says that a number which changes by itself cannot go with. */
const contradictions = (input: ConvertInput, service: ServiceModel, name: string, mode: ServiceMode, { min, max }: AutoscaleSpec): void => {
  const path: TreePath = ['services', name, 'deploy', autoscaleKey];
  const kind = mode === ServiceMode.GLOBAL ? 'is global: it has one task on every node' : 'is a job: its tasks end by themselves';
  if (mode !== ServiceMode.REPLICATED)
    tell(
      input,
      'E303',
      path,
      `service ${name} ${kind}, and no number that could follow its load`,
      `remove ${autoscaleKey}, or use mode: replicated`,
    );
  if (service.container_name !== undefined && max > 1)
    tell(
      input,
      'E303',
      path,
      `service ${name} can have ${max} tasks, and container_name is the name of one container`,
      'remove container_name',
    );
  const replicas = service.deploy?.replicas ?? service.scale;
  if (replicas === undefined || (replicas >= min && replicas <= max) || mode !== ServiceMode.REPLICATED) return;
  const at: TreePath = service.deploy?.replicas === undefined ? ['services', name, 'scale'] : ['services', name, 'deploy', 'replicas'];
  tell(
    input,
    'E303',
    at,
    `service ${name} is to begin with ${replicas} tasks, and to have ${min} to ${max}`,
    'begin between the two, or say nothing',
  );
};

/** `x-tso-autoscale: {min: 1, max: 5, cpu: 70%}`; undefined: it is not said, or nothing could come of it. */
export const toAutoscale = (
  input: ConvertInput,
  service: ServiceModel,
  name: string,
  given: { readonly mode: ServiceMode; readonly limits: Resources; readonly reservations: Resources },
): AutoscaleSpec | undefined => {
  const value = service.deploy?.[autoscaleKey];
  if (!isSaid(value)) return undefined;
  const path: TreePath = ['services', name, 'deploy', autoscaleKey];
  const said = readMap(input, path, value);
  if (said === undefined) return undefined;
  const reader: Reader = { input, path, said };
  const min = readCount(reader, 'min') ?? 1;
  const max = readCount(reader, 'max');
  const spec: AutoscaleSpec = {
    min,
    max: max ?? min,
    cpuPercent: readPercent(reader, 'cpu'),
    memoryPercent: readPercent(reader, 'memory'),
    coolDownMs: readCoolDownMs(reader),
  };
  if (!isSaid(said.max))
    tell(input, 'E202', path, `service ${name}: ${autoscaleKey} needs max, the most tasks that there may be`, 'such as max: 5');
  if (max !== undefined && max < min)
    tell(input, 'E303', [...path, 'max'], `service ${name}: max ${max} is below min ${min}`, 'exchange them');
  if (!isSaid(said.cpu) && !isSaid(said.memory))
    tell(input, 'E202', path, `service ${name}: ${autoscaleKey} says neither cpu nor memory, and so no load to follow`, 'such as cpu: 70%');
  if (spec.memoryPercent > 0 && given.reservations.memoryBytes === 0 && given.limits.memoryBytes === 0) {
    const message = `service ${name}: memory is ${spec.memoryPercent} % of what a task has reserved, or of its limit, and it has neither`;
    tell(input, 'E303', [...path, 'memory'], message, 'say deploy.resources.reservations.memory');
  }
  if (max !== undefined) contradictions(input, service, name, given.mode, spec);
  return spec;
};
