import { Metadata } from '@grpc/grpc-js';

/** HTTP/2 takes printable ASCII without white space at the ends; the percent sign is what the rest is written with. */
const beyond = /[^!-$&-~]/gu;

const encodeHeader = (value: string): string => value.replace(beyond, encodeURIComponent);

/** What is no escape of ours comes from another client, and stays as it is. */
const decodeHeader = (value: string): string => {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return value;
    throw error;
  }
};

export const metadataOf = (headers: Readonly<Record<string, string>> | undefined): Metadata => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers ?? {})) metadata.set(name, encodeHeader(value.toWellFormed()));
  return metadata;
};

/** The first of that name. */
export const headerOf = (metadata: Metadata, name: string): string | undefined => {
  const value = metadata.get(name)[0];
  return value === undefined ? undefined : decodeHeader(value.toString());
};
