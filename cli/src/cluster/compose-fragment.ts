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

const problem = (flag: string, value: string, { message, hint }: Diagnostic): FlagProblem => {
  const sentence = hint === undefined ? undefined : `${hint.charAt(0).toUpperCase()}${hint.slice(1)}${hint.endsWith('.') ? '' : '.'}`;
  return new FlagProblem(`--${flag} ${value}: ${message}`, sentence);
};

const serviceName = 'service';

/**
 * Reads flags as a compose file is read, so that sizes, durations, ports, mounts and constraints mean in both the same and are refused
 * alike. Warnings are handed to `warn`, with the flag.
 */
export const fragmentParser =
  (stack: string, warn: (text: string) => void): FlagTools['parse'] =>
  (flag, value, attributes: Attributes, top: Attributes = {}): ServiceSpec => {
    const file = { services: { [serviceName]: { image: 'image', ...attributes } }, ...top };
    const loaded = loadText(JSON.stringify(escaped(file)), stack);
    if (!loaded.ok) {
      const [first] = loaded.diagnostics.filter(({ severity }) => severity === 'error');
      throw first === undefined ? new FlagProblem(`--${flag} ${value}: it cannot be read`) : problem(flag, value, first);
    }
    for (const { message } of loaded.warnings) warn(`--${flag} ${value}: ${message}`);
    const [spec] = loaded.spec.services;
    if (spec === undefined) throw new FlagProblem(`--${flag} ${value}: it cannot be read`);
    return spec;
  };
