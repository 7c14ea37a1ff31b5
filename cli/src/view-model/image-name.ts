import { formatReference, parseReference, TsoError, withDefaultTag } from '@tso/proto';

/**
 * The full name that an image is kept under: `redis` is `docker.io/library/redis:latest`. INVALID_ARGUMENT: a name with a digest, which what
 * is built cannot have, or none at all.
 */
export const fullImageName = (name: string): string => {
  const reference = parseReference(name);
  if (reference.digest !== '')
    throw new TsoError('INVALID_ARGUMENT', `${name} has a digest, which comes from what is built`, { hint: 'Leave the @sha256:… away' });
  return formatReference(withDefaultTag(reference));
};
