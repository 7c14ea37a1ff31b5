import { parseReference, repositoryName, storedName, TsoError } from '@tso/proto';
import type { Descriptor } from './manifest.ts';

/** containerd's and docker's full name; the OCI one, which may be a bare tag. */
const nameAnnotations = ['io.containerd.image.name', 'org.opencontainers.image.ref.name'] as const;

/**
 * The full names an OCI archive gives an image. A bare word in org.opencontainers.image.ref.name is only a tag by the spec and names no
 * image by itself: such an image has no name and is found by its id.
 */
export const namesOfDescriptor = (descriptor: Descriptor): readonly string[] => {
  for (const key of nameAnnotations) {
    const value = descriptor.annotations[key];
    if (value !== undefined && /[/:]/.test(value)) return [storedNameOf(value)];
  }
  return [];
};

/** The full name as images are kept under it. DATA_LOSS, for the archive says it. */
export const storedNameOf = (name: string): string => {
  try {
    const reference = parseReference(name);
    return reference.digest === '' ? storedName(reference) : `${repositoryName(reference)}@${reference.digest}`;
  } catch (error) {
    throw new TsoError('DATA_LOSS', `the archive names an image ${JSON.stringify(name)}, which is no image name`, { cause: error });
  }
};
