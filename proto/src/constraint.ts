import { parseCidr, parseIpv4 } from './ip.ts';

/** Which nodes a service may run on, as a file and the cluster read it (SwarmKit manager/constraint). */

/** `node.labels.disk==ssd`, taken apart. */
export interface Constraint {
  readonly key: string;
  readonly equal: boolean;
  readonly value: string;
}

const plainKeys: readonly string[] = ['node.id', 'node.hostname', 'node.ip', 'node.role', 'node.platform.os', 'node.platform.arch'];
const labelKeys: readonly string[] = ['node.labels.', 'engine.labels.'];

/** What constraints can be about, for messages. */
const constraintKeys: readonly string[] = [...plainKeys, ...labelKeys.map((prefix) => `${prefix}NAME`)];

/** The constraint, or one clause that says what is wrong with the text. */
export const parseConstraint = (text: string): Constraint | string => {
  const match = /^\s*([^\s=!]+)\s*(==|!=)\s*(.*?)\s*$/.exec(text);
  const [, key = '', operator, value = ''] = match ?? [];
  if (match === null || value === '') return 'it must read KEY==VALUE or KEY!=VALUE';
  const isLabel = labelKeys.some((prefix) => key.startsWith(prefix) && key.length > prefix.length);
  if (!isLabel && !plainKeys.includes(key)) return `"${key}" is not one of ${constraintKeys.join(', ')}`;
  if (key === 'node.ip' && parseIpv4(value) === undefined && parseCidr(value) === undefined)
    return `"${value}" is neither an IPv4 address nor a block of them`;
  return { key, equal: operator === '==', value };
};
