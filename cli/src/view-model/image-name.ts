import { TsoError } from '@tso/proto';

/**
 * The full name that an image is kept under: `redis` is `docker.io/library/redis:latest`. INVALID_ARGUMENT: a name with a digest, which what
 * is built cannot have, or none at all.
 */
export const fullImageName = (name: string): string => {
  if (name === '' || /\s/.test(name)) throw new TsoError('INVALID_ARGUMENT', `${JSON.stringify(name)} is no name of an image`);
  if (name.includes('@')) {
    throw new TsoError('INVALID_ARGUMENT', `${name} has a digest, which comes from what is built`, { hint: 'Leave the @sha256:… away' });
  }
  const [first = '', ...rest] = name.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = isHost ? name : rest.length > 0 ? `docker.io/${name}` : `docker.io/library/${name}`;
  return /:[^/]+$/.test(path) ? path : `${path}:latest`;
};
