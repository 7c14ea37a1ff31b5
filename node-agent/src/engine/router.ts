import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ErrorCode, TsoError, toTsoError } from '@tso/proto';
import { limits } from '../limits.ts';

export interface EngineRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly raw: IncomingMessage;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export type EngineHandler = (request: EngineRequest, response: ServerResponse) => Promise<void>;

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `/images/:name/json`; the last parameter with a star takes the rest of the path: `/images/:name*`. */
  readonly path: string;
  readonly handler: EngineHandler;
}

const statusOf: Readonly<Partial<Record<ErrorCode, number>>> = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  ALREADY_EXISTS: 409,
  FAILED_PRECONDITION: 412,
  RESOURCE_EXHAUSTED: 429,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

const pattern = (path: string): RegExp =>
  new RegExp(
    `^(?:/v\\d+\\.\\d+)?${path.replace(/:(\w+)(\*?)/g, (_, name: string, rest: string) => `(?<${name}>${rest === '' ? '[^/]+' : '.+'})`)}$`,
  );

export const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
};

export const sendError = (response: ServerResponse, thrown: unknown): void => {
  const error = toTsoError(thrown);
  const details = Object.keys(error.details).length === 0 ? {} : { details: error.details };
  const body = { message: error.message, code: error.code, ...(error.hint === undefined ? {} : { hint: error.hint }), ...details };
  if (!response.headersSent) sendJson(response, statusOf[error.code] ?? 500, body);
  else response.end(`${JSON.stringify({ error: error.sentence, errorDetail: body })}\n`);
};

/** The JSON body of a request, {} when there is none. */
export const readJsonBody = async (raw: IncomingMessage): Promise<Readonly<Record<string, unknown>>> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limits.requestBodyBytes)
      throw new TsoError('RESOURCE_EXHAUSTED', `the request body is larger than ${limits.requestBodyBytes} bytes`);
    chunks.push(chunk);
  }
  if (size === 0) return {};
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    // What a parser quotes could be part of a token or a key.
    throw new TsoError('INVALID_ARGUMENT', 'the request body is not JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new TsoError('INVALID_ARGUMENT', 'the request body is not a JSON object');
  return body as Readonly<Record<string, unknown>>;
};

/** A path that is not one is the caller's mistake, not ours. */
const understood = <T>(path: string | undefined, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw new TsoError('INVALID_ARGUMENT', `${JSON.stringify(path)} is not a path`, { cause: error });
  }
};

/** Finds the handler of a request and turns what it throws into an answer. */
export class Router {
  readonly #routes: readonly { readonly method: string; readonly pattern: RegExp; readonly handler: EngineHandler }[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map(({ method, path, handler }) => ({ method, pattern: pattern(path), handler }));
  }

  handle(raw: IncomingMessage, response: ServerResponse): void {
    const controller = new AbortController();
    response.on('close', () => controller.abort());
    // A client that is gone is seen by the signal; nobody is left to be told.
    response.on('error', () => controller.abort());
    this.#dispatch(raw, response, controller.signal).catch((error: unknown) => sendError(response, error));
  }

  async #dispatch(raw: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const url = understood(raw.url, () => new URL(`http://engine${raw.url ?? '/'}`));
    for (const route of this.#routes) {
      const match = route.method === raw.method ? route.pattern.exec(url.pathname) : null;
      if (match === null) continue;
      const groups = Object.entries(match.groups ?? {});
      const params = understood(raw.url, () => Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value)])));
      return route.handler({ params, query: url.searchParams, raw, signal }, response);
    }
    throw new TsoError('NOT_FOUND', `this engine has no ${raw.method} ${url.pathname}`);
  }
}
