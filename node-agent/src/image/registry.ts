import type { Clock, Logger } from '@tso/proto';
import { formatReference, isDigest, type Reference, repositoryName, TsoError } from '@tso/proto';
import { sha256Digest } from './blob-store.ts';
import { acceptedManifests } from './manifest.ts';
import { maxDocumentBytes } from './materialise.ts';
import { type Challenge, parseChallenges } from './registry-auth.ts';
import { PlainHosts, registryOrigin } from './registry-hosts.ts';
import { discard, HttpClient, type HttpResponse, readBody, responseHeader } from './registry-http.ts';
import type { RegistryCredentials } from './types.ts';
import { jsonObject, jsonString, parseJson } from './untrusted-json.ts';

export interface RegistryOptions {
  /** Registry host → base URLs that are asked before it: `{'docker.io': ['https://mirror.lan']}`. Never given credentials. */
  readonly registryMirrors?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Hosts (`registry.lan:5000`) and address ranges that are spoken to without TLS. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** PEM texts. */
  readonly caCertificates?: readonly string[] | undefined;
}

export interface FetchedManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: string;
}

/** One repository of one registry, as the OCI distribution-spec has it. */
export interface Repository {
  /** By tag or digest; its bytes have been checked against the digest. NOT_FOUND, UNAUTHENTICATED, PERMISSION_DENIED, UNAVAILABLE, DATA_LOSS. */
  manifest(tagOrDigest: string, signal?: AbortSignal): Promise<FetchedManifest>;
  /** Unchecked bytes: the blob store verifies them. */
  blob(digest: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

export class RegistryClient {
  readonly #options: RegistryOptions;
  readonly #http: HttpClient;
  readonly #plain: PlainHosts;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(options: RegistryOptions, ports: { readonly clock: Clock; readonly logger: Logger }) {
    this.#options = options;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#plain = new PlainHosts(options.insecureRegistries ?? []);
    this.#http = new HttpClient({ caCertificates: options.caCertificates ?? [] }, ports);
  }

  /** The mirrors of the reference's registry, then the registry itself. */
  repositories(reference: Reference, credentials: RegistryCredentials | undefined): readonly Repository[] {
    const ports = { http: this.#http, clock: this.#clock, logger: this.#logger };
    const at = (origin: string, given: RegistryCredentials | undefined): Repository =>
      new RemoteRepository({ origin, reference, credentials: given }, ports);
    const mirrors = this.#options.registryMirrors?.[reference.host] ?? [];
    return [...mirrors.map((url) => at(url.replace(/\/+$/, ''), undefined)), at(registryOrigin(reference.host, this.#plain), credentials)];
  }
}

interface RepositoryOptions {
  readonly origin: string;
  readonly reference: Reference;
  readonly credentials: RegistryCredentials | undefined;
}

const maxErrorBytes = 64 * 1024;
/** A token is renewed this long before it ends, so that it does not end on the way. */
const tokenMarginMs = 5_000;
/** Where the token server does not say (distribution token specification). */
const defaultTokenSeconds = 60;

class RemoteRepository implements Repository {
  readonly #options: RepositoryOptions;
  readonly #http: HttpClient;
  readonly #clock: Clock;
  #authorization: { readonly value: string; readonly untilMs: number } | undefined;
  /** Layers come in parallel; one of them asks for the token, the others wait for it. */
  #authenticating: Promise<void> | undefined;

  constructor(options: RepositoryOptions, ports: { readonly http: HttpClient; readonly clock: Clock; readonly logger: Logger }) {
    this.#options = options;
    this.#http = ports.http;
    this.#clock = ports.clock;
  }

  get #name(): string {
    return formatReference(this.#options.reference);
  }

  async manifest(tagOrDigest: string, signal?: AbortSignal): Promise<FetchedManifest> {
    const what = `the manifest of ${this.#name}`;
    const response = await this.#get(`manifests/${tagOrDigest}`, { accept: acceptedManifests.join(', ') }, signal);
    const bytes = await readBody(response, maxDocumentBytes, what);
    const digest = sha256Digest(bytes);
    const claimed = isDigest(tagOrDigest) ? tagOrDigest : responseHeader(response, 'docker-content-digest');
    if (isDigest(claimed) && claimed !== digest) {
      throw new TsoError('DATA_LOSS', `${what} is damaged: it should be ${claimed} and is ${digest}`, {
        hint: 'Push the image again, or pull it from elsewhere',
      });
    }
    return { bytes, digest, mediaType: (responseHeader(response, 'content-type').split(';')[0] ?? '').trim() };
  }

  async blob(digest: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.#get(`blobs/${digest}`, {}, signal);
    return whole(response.body, `the registry broke off while sending ${digest}`, signal);
  }

  /** A 200, or the failure as a TsoError. One 401 is answered by authenticating. */
  async #get(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<HttpResponse> {
    const { origin, reference } = this.#options;
    const url = new URL(`${origin}/v2/${reference.repository}/${path}`);
    const used = this.#current();
    let response = await this.#http.get({ url, headers, authorization: used, signal });
    if (response.statusCode === 401) {
      const challenges = parseChallenges(responseHeader(response, 'www-authenticate'));
      await discard(response);
      await this.#authenticate(challenges, used, signal);
      response = await this.#http.get({ url, headers, authorization: this.#current(), signal });
    }
    if (response.statusCode === 200) return response;
    throw await this.#failure(response);
  }

  #current(): string | undefined {
    const known = this.#authorization;
    return known !== undefined && this.#clock.monotonic() < known.untilMs ? known.value : undefined;
  }

  async #authenticate(challenges: readonly Challenge[], refused: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    const current = this.#current();
    // Another request authenticated while this one was on its way.
    if (current !== undefined && current !== refused) return;
    this.#authenticating ??= this.#answer(challenges, signal).finally(() => {
      this.#authenticating = undefined;
    });
    await this.#authenticating;
  }

  async #answer(challenges: readonly Challenge[], signal: AbortSignal | undefined): Promise<void> {
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer !== undefined) {
      this.#authorization = await this.#token(bearer, signal);
      return;
    }
    const { credentials } = this.#options;
    if (challenges.some(({ scheme }) => scheme === 'basic')) {
      if (credentials === undefined) throw this.#unauthenticated();
      this.#authorization = { value: basic(credentials), untilMs: Number.POSITIVE_INFINITY };
      return;
    }
    const schemes = challenges.map(({ scheme }) => scheme).join(', ') || 'nothing';
    throw new TsoError(
      'UNAUTHENTICATED',
      `registry ${new URL(this.#options.origin).host} asks for an unknown kind of authentication: ${schemes}`,
    );
  }

  async #token(challenge: Challenge, signal: AbortSignal | undefined): Promise<{ readonly value: string; readonly untilMs: number }> {
    const { credentials } = this.#options;
    const url = this.#tokenUrl(challenge);
    const response = await this.#http.get({
      url,
      headers: { accept: 'application/json' },
      authorization: credentials === undefined ? undefined : basic(credentials),
      signal,
    });
    if (response.statusCode !== 200) {
      await discard(response);
      if (response.statusCode === 401 || response.statusCode === 403) throw this.#unauthenticated();
      throw new TsoError('UNAVAILABLE', `the token server ${url.host} answered with status ${response.statusCode}`);
    }
    const what = `the answer of the token server ${url.host}`;
    const object = jsonObject(parseJson(await readBody(response, maxDocumentBytes, what), what), what);
    const value = jsonString(object.token, what, '') || jsonString(object.access_token, what, '');
    if (!/^[\x21-\x7e]+$/.test(value)) throw new TsoError('UNAVAILABLE', `${what} holds no token`);
    const seconds = typeof object.expires_in === 'number' && object.expires_in > 0 ? object.expires_in : defaultTokenSeconds;
    return { value: `Bearer ${value}`, untilMs: this.#clock.monotonic() + Math.max(seconds * 1000 - tokenMarginMs, 1_000) };
  }

  #tokenUrl(challenge: Challenge): URL {
    const { origin, reference } = this.#options;
    const { realm = '', service, scope } = challenge.parameters;
    const url = URL.parse(realm);
    const secure = new URL(origin).protocol === 'https:';
    if (url === null || !/^https?:$/.test(url.protocol) || (secure && url.protocol === 'http:')) {
      throw new TsoError(
        'UNAUTHENTICATED',
        `registry ${new URL(origin).host} names ${JSON.stringify(realm)} as its token server, which is not safe to ask`,
      );
    }
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('scope', scope ?? `repository:${reference.repository}:pull`);
    return url;
  }

  #unauthenticated(): TsoError {
    const { credentials } = this.#options;
    return credentials === undefined
      ? new TsoError('UNAUTHENTICATED', `image ${this.#name} does not exist, or its registry wants to know who asks`, {
          hint: 'Check the name. Nodes pull without credentials: bring an image that needs them in on each node with tso image load',
        })
      : new TsoError('UNAUTHENTICATED', `the registry of ${repositoryName(this.#options.reference)} refused user ${credentials.username}`, {
          hint: 'Check the user name, the password and the right to pull',
        });
  }

  async #failure(response: HttpResponse): Promise<TsoError> {
    const said = await registryMessage(response);
    const why = said === '' ? `status ${response.statusCode}` : said;
    const { host } = new URL(this.#options.origin);
    switch (response.statusCode) {
      case 401:
        return this.#unauthenticated();
      case 403:
        return new TsoError(
          'PERMISSION_DENIED',
          `registry ${host} does not let ${this.#options.credentials?.username ?? 'anyone'} pull ${this.#name}: ${why}`,
        );
      case 404:
        return new TsoError('NOT_FOUND', `image ${this.#name} was not found in registry ${host}: ${why}`, {
          hint: 'Check the name and the tag',
        });
      case 429:
        return new TsoError('RESOURCE_EXHAUSTED', `registry ${host} limits how often images are pulled: ${why}`, {
          hint: 'Wait, or bring the image in from elsewhere: tso image load',
        });
      default:
        return new TsoError('UNAVAILABLE', `registry ${host} could not give ${this.#name}: ${why}`, { hint: 'Try again later' });
    }
  }
}

const basic = (credentials: RegistryCredentials): string =>
  `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;

/** The bytes, with a failure of the connection told from one of the disk they go to. */
async function* whole(body: AsyncIterable<Uint8Array>, message: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    signal?.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    throw new TsoError('UNAVAILABLE', `${message}: ${why}`, { hint: 'Try again later', details: { brokenOff: true }, cause: error });
  }
}

/** Whether a blob's connection broke in the midst. */
export const isBrokenOff = (error: unknown): boolean => error instanceof TsoError && error.details.brokenOff === true;

/** What the registry says itself, `{errors: [{code, message}]}`; "" when it says nothing readable. */
const registryMessage = async (response: HttpResponse): Promise<string> => {
  try {
    const value: unknown = JSON.parse(Buffer.from(await readBody(response, maxErrorBytes, 'an error')).toString());
    const errors = typeof value === 'object' && value !== null && 'errors' in value && Array.isArray(value.errors) ? value.errors : [];
    const first: unknown = errors[0];
    if (typeof first !== 'object' || first === null) return '';
    const part = (key: string): string => (key in first ? String((first as Record<string, unknown>)[key]) : '');
    return (part('message') || part('code')).slice(0, 300);
  } catch {
    // The body is only an explanation; the status decides.
    return '';
  }
};
