import { type Diagnostic, loadText } from '@tso/compose';
import type { ServiceSpec } from '@tso/proto';
import { type Attributes, FlagProblem, type FlagTools } from '../view-model/service-flags/flag.ts';

/** A `$` of the command line is one: the shell has put variables in already. */
const escaped = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(escaped);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, escaped(one)]));
};

/** A flag as it was typed. */
const typed = (flag: string, value: string): string => `--${flag} ${value.trim() === '' ? `"${value}"` : value}`;

/** What is said of a place in a file, for who wrote none: the flag is the place. */
const withoutPlace = ({ message, path }: Diagnostic): string => {
  if (message.startsWith(`${path}: `)) return message.slice(path.length + 2);
  if (message.startsWith(`${path} `)) return `it${message.slice(path.length)}`;
  return message.replace(/ (?:of services\.\S+|\(services\.[^)]*\))/, '');
};

const problem = (flag: string, value: string, diagnostic: Diagnostic): FlagProblem => {
  const { hint } = diagnostic;
  const sentence = hint === undefined ? undefined : `${hint.charAt(0).toUpperCase()}${hint.slice(1)}${hint.endsWith('.') ? '' : '.'}`;
  return new FlagProblem(`${typed(flag, value)}: ${withoutPlace(diagnostic)}`, sentence);
};

/**
 * Reads flags as a compose file is read, so that sizes, durations, ports, mounts and constraints mean in both the same and are refused
 * alike. Warnings are handed to `warn`, with the flag.
 */
export const fragmentParser =
  (stack: string, service: string, warn: (text: string) => void): FlagTools['parse'] =>
  (flag, value, attributes: Attributes, top: Attributes = {}): ServiceSpec => {
    const file = { services: { [service]: { image: 'image', ...attributes } }, ...top };
    const loaded = loadText(JSON.stringify(escaped(file)), stack);
    if (!loaded.ok) {
      const [first] = loaded.diagnostics.filter(({ severity }) => severity === 'error');
      throw first === undefined ? new FlagProblem(`${typed(flag, value)}: it cannot be read`) : problem(flag, value, first);
    }
    for (const warning of loaded.warnings) warn(`${typed(flag, value)}: ${withoutPlace(warning)}`);
    const [spec] = loaded.spec.services;
    if (spec === undefined) throw new FlagProblem(`${typed(flag, value)}: it cannot be read`);
    return spec;
  };
