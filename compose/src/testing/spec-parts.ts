import type { NetworkSpec, ServiceSpec } from '@tso/proto';
import { saidOf, specOf } from './memory-files.ts';

/** A file of one service `web` with these lines, and what stands behind it. */
export const oneService = (service: string, rest = ''): string =>
  `services:\n  web:\n    image: i\n    ${service.replaceAll('\n', '\n    ')}\n${rest}`;

/** A service of a sound file. */
export const serviceOf = (text: string, name = 'web'): ServiceSpec => {
  const found = specOf(text, { env: { HOME: '/home/me' } }).services.find((service) => service.name === name);
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};

/** A network of a sound file, by the name it has in the cluster. */
export const networkOf = (text: string, name: string): NetworkSpec => {
  const found = specOf(text).networks.find((network) => network.name === name);
  if (found === undefined) throw new Error(`no network ${name}`);
  return found;
};

/** All that is said, as `E304 the message`. */
export const toldOf = (text: string): readonly string[] => saidOf(text).map(({ code, message }) => `${code} ${message}`);
