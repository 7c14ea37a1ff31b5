import { TsoError } from './errors.ts';

/** An image name in full. Tag and digest may be empty; with both, the digest decides and the tag is a note for people. */
export interface Reference {
  /** Registry host with its port: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly host: string;
  /** Path inside the registry: `library/redis`. */
  readonly repository: string;
  readonly tag: string;
  /** `sha256:…`, or "". */
  readonly digest: string;
}

const defaultHost = 'docker.io';
const hostAlias = 'index.docker.io';
const maxNameLength = 255;

const hostPattern =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const repositoryPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;
const anyDigestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const idPattern = /^[0-9a-f]{64}$/;

/** Whether the text is a digest we can verify: `sha256:` and 64 lower-case hexadecimal digits. */
export const isDigest = (text: string): boolean => digestPattern.test(text);

const form = 'Write it as [HOST[:PORT]/]PATH[:TAG][@sha256:DIGEST], such as redis:7';
const schemePattern = /^[a-z]+:\/\//i;

/** A blank, or the scheme of a page's address, is the cause of whatever else is wrong. */
const hintFor = (name: string): string | undefined => {
  const scheme = schemePattern.exec(name)?.[0];
  if (scheme !== undefined) return `Leave out ${scheme}`;
  return /\s/.test(name) ? 'Leave out the blanks' : undefined;
};

const bad = (name: string, why: string, hint = form): TsoError =>
  new TsoError('INVALID_ARGUMENT', `image name ${JSON.stringify(name)}: ${why}`, { hint: hintFor(name) ?? hint });

/** The first part is a host only if it could be nothing else: a dot, a port, `localhost`, or an upper-case letter, which a path cannot have. */
const isHost = (part: string): boolean => /[.:]/.test(part) || part === 'localhost' || part !== part.toLowerCase();

const splitHost = (name: string): readonly [host: string, repository: string] => {
  const slash = name.indexOf('/');
  const first = slash === -1 ? '' : name.slice(0, slash);
  const named = slash !== -1 && isHost(first);
  const host = named && first !== hostAlias ? first : defaultHost;
  const rest = named ? name.slice(slash + 1) : name;
  return [host, host === defaultHost && !rest.includes('/') ? `library/${rest}` : rest];
};

const splitDigest = (name: string): readonly [rest: string, digest: string] => {
  const at = name.indexOf('@');
  if (at === -1) return [name, ''];
  const digest = name.slice(at + 1);
  if (isDigest(digest)) return [name.slice(0, at), digest];
  if (anyDigestPattern.test(digest) && !digest.startsWith('sha256:'))
    throw bad(name, `digest algorithm ${digest.split(':')[0]} is not supported`, 'Use a sha256 digest');
  throw bad(name, `"${digest}" is not a digest`, 'A digest is sha256: and 64 hexadecimal digits');
};

const splitTag = (name: string): readonly [rest: string, tag: string] => {
  const colon = name.lastIndexOf(':');
  return colon === -1 || name.indexOf('/', colon) !== -1 ? [name, ''] : [name.slice(0, colon), name.slice(colon + 1)];
};

/**
 * The full name behind what a user writes, by the rules of distribution/reference (ParseDockerRef without its default tag):
 * no host means docker.io, one path part there means library/, index.docker.io is docker.io. Without tag and digest both are "".
 * INVALID_ARGUMENT says which part is wrong.
 */
export const parseReference = (name: string): Reference => {
  if (name === '') throw bad(name, 'it is empty');
  if (idPattern.test(name) || isDigest(name)) throw bad(name, 'this is an image id, not a name', 'Give the name of an image');
  const [beforeDigest, digest] = splitDigest(name);
  const [path, tag] = splitTag(beforeDigest);
  if (beforeDigest.endsWith(':')) throw bad(name, 'the tag after ":" is empty');
  const [host, repository] = splitHost(path);
  if (tag !== '' && !tagPattern.test(tag))
    throw bad(name, `"${tag}" is not a tag`, 'A tag has up to 128 letters, digits, dots, dashes and underscores');
  if (!hostPattern.test(host)) throw bad(name, `"${host}" is not a registry host`);
  if (repository !== repository.toLowerCase()) throw bad(name, 'the path must be lower case', `Write ${name.toLowerCase()}`);
  if (!repositoryPattern.test(repository)) throw bad(name, `"${path}" is not an image path`);
  if (host.length + 1 + repository.length > maxNameLength) throw bad(name, `it is longer than ${maxNameLength} characters`);
  return { host, repository, tag, digest };
};

/** The same with `latest` where neither tag nor digest was given. */
export const withDefaultTag = (reference: Reference): Reference =>
  reference.tag === '' && reference.digest === '' ? { ...reference, tag: 'latest' } : reference;

/** `docker.io/library/redis`. */
export const repositoryName = (reference: Reference): string => `${reference.host}/${reference.repository}`;

/** The full name, what `parseReference` reads back: `docker.io/library/redis:7`. */
export const formatReference = (reference: Reference): string =>
  repositoryName(reference) + (reference.tag === '' ? '' : `:${reference.tag}`) + (reference.digest === '' ? '' : `@${reference.digest}`);

/** The name an image is kept under: the tag, or the digest where one was given, for then the tag proves nothing. */
export const storedName = (reference: Reference): string => {
  const full = withDefaultTag(reference);
  return formatReference(full.digest === '' ? full : { ...full, tag: '' });
};

/** The same as `parseReference`, undefined where the text is no name at all: it may be an id. */
export const tryReference = (name: string): Reference | undefined => {
  try {
    return parseReference(name);
  } catch {
    // Not a name: the caller asks in another way.
    return undefined;
  }
};

/** Why a service cannot run an image of that name, or undefined: it may also be an id in full, of an image that is on the node already. */
export const imageNameProblem = (name: string): TsoError | undefined => {
  if (idPattern.test(name) || isDigest(name)) return undefined;
  try {
    parseReference(name);
    return undefined;
  } catch (error) {
    if (error instanceof TsoError) return error;
    throw error;
  }
};
