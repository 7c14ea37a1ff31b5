import { rootCertificates } from 'node:tls';
import type { Clock, Logger } from '@tso/proto';
import { TsoError } from '@tso/proto';
import type { Dispatcher, request } from 'undici';
import { wait } from './wait.ts';

export type HttpResponse = Dispatcher.ResponseData;

export interface HttpRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Value of Authorization; goes to this URL's origin and to no other. */
  readonly authorization?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const idleTimeoutMs = 60_000;
const connectTimeoutMs = 10_000;
const maxRedirects = 5;
/** Waits between attempts; a registry that restarts is back by then. */
const backoffMs: readonly number[] = [200, 800, 2_400];
const maxRetryAfterMs = 10_000;

const redirects = new Set([301, 302, 303, 307, 308]);
const passing = new Set([408, 429, 500, 502, 503, 504]);

const header = (response: HttpResponse, name: string): string => {
  const value = response.headers[name];
  return typeof value === 'string' ? value : (value?.join(', ') ?? '');
};

export const responseHeader = header;

interface Connection {
  readonly request: typeof request;
  readonly dispatcher: Dispatcher;
}

/** Loaded at the first pull: the HTTP client would be a fifth of the agent's memory at rest. */
const connect = async (caCertificates: readonly string[]): Promise<Connection> => {
  const { Agent, request } = await import('undici');
  const ca = caCertificates.length === 0 ? undefined : [...rootCertificates, ...caCertificates];
  const dispatcher = new Agent({
    headersTimeout: idleTimeoutMs,
    bodyTimeout: idleTimeoutMs,
    connect: { timeout: connectTimeoutMs, ...(ca === undefined ? {} : { ca }) },
  });
  return { request, dispatcher };
};

/** GET over HTTP(S) with what every call to a registry needs: redirects that never carry credentials elsewhere, and patience with passing failures. */
export class HttpClient {
  readonly #caCertificates: readonly string[];
  #connection: Promise<Connection> | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;

  /** `caCertificates`: PEM texts trusted beside the well-known ones. */
  constructor(options: { readonly caCertificates: readonly string[] }, ports: { readonly clock: Clock; readonly logger: Logger }) {
    this.#caCertificates = options.caCertificates;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
  }

  /**
   * The response, whatever its status, after redirects. The caller reads or discards its body. Connection errors and passing statuses
   * are tried again; UNAVAILABLE when no answer came at all.
   */
  async get(asked: HttpRequest): Promise<HttpResponse> {
    for (let attempt = 0; ; attempt += 1) {
      const delayMs = backoffMs[attempt];
      try {
        const response = await this.#follow(asked);
        if (!passing.has(response.statusCode) || delayMs === undefined) return response;
        await discard(response);
        await this.#pause(asked, Math.max(delayMs, this.#retryAfterMs(response)), `status ${response.statusCode}`);
      } catch (error) {
        asked.signal?.throwIfAborted();
        if (error instanceof TsoError) throw error;
        if (delayMs === undefined || isCertificateError(error)) throw unreachable(asked.url, error);
        await this.#pause(asked, delayMs, reasonOf(error));
      }
    }
  }

  async #pause(asked: HttpRequest, delayMs: number, reason: string): Promise<void> {
    this.#logger.warn(
      { url: `${asked.url.origin}${asked.url.pathname}`, delayMs, reason },
      'a registry failed for the moment; trying again',
    );
    await wait(this.#clock, delayMs, asked.signal);
  }

  #retryAfterMs(response: HttpResponse): number {
    const seconds = Number(header(response, 'retry-after') || 0);
    return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, maxRetryAfterMs) : 0;
  }

  async #follow(asked: HttpRequest): Promise<HttpResponse> {
    let url = asked.url;
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      const authorization = url.origin === asked.url.origin ? asked.authorization : undefined;
      this.#connection ??= connect(this.#caCertificates);
      const { request, dispatcher } = await this.#connection;
      const response = await request(url, {
        method: 'GET',
        headers: { ...asked.headers, 'user-agent': 'tso', ...(authorization === undefined ? {} : { authorization }) },
        dispatcher,
        ...(asked.signal === undefined ? {} : { signal: asked.signal }),
      });
      if (!redirects.has(response.statusCode)) return response;
      await discard(response);
      url = redirectTarget(url, header(response, 'location'));
    }
    throw new TsoError('UNAVAILABLE', `registry ${asked.url.host} redirects in a circle`);
  }
}

const redirectTarget = (from: URL, location: string): URL => {
  const target = location === '' ? null : URL.parse(location, from.href);
  if (target === null || !/^https?:$/.test(target.protocol))
    throw new TsoError('UNAVAILABLE', `registry ${from.host} redirects to ${JSON.stringify(location)}, which is no address`);
  if (from.protocol === 'https:' && target.protocol === 'http:')
    throw new TsoError('UNAVAILABLE', `registry ${from.host} redirects to ${target.host} without TLS, which is not followed`);
  target.username = '';
  target.password = '';
  return target;
};

/** Reads what is left of a small body so that its connection can serve again. */
export const discard = async (response: HttpResponse): Promise<void> => {
  await response.body.dump();
};

/** The body as bytes. DATA_LOSS when it is longer than allowed. */
export const readBody = async (response: HttpResponse, maxBytes: number, what: string): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > maxBytes) throw new TsoError('DATA_LOSS', `${what} is longer than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
};

const isCertificateError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(String(error.code));

const reasonOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
};

const unreachable = (url: URL, error: unknown): TsoError => {
  const hint = isCertificateError(error)
    ? 'Give the daemon the CA certificate of this registry'
    : /wrong version number|packet length too long/i.test(reasonOf(error))
      ? 'It seems to speak plain HTTP: name it as an insecure registry'
      : 'Check the name, the network and that the registry runs';
  return new TsoError('UNAVAILABLE', `registry ${url.host} cannot be reached: ${reasonOf(error)}`, { hint, cause: error });
};
