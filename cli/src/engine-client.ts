import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { type ErrorCode, errorCodes, TsoError } from '@tso/proto';
import type { Context } from './context.ts';
import { requireLocal, unreachableError } from './unreachable.ts';

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, in chunks. */
  readonly body?: Readable;
  /** @default application/x-tar */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** What the daemon knows of its cluster by itself, without asking a manager. */
export interface EngineSwarm {
  /** Empty: this host is in no cluster. */
  readonly NodeID: string;
  readonly NodeAddr?: string;
  /** inactive, pending, active, locked or error. */
  readonly LocalNodeState: string;
  /** Whether this host has a manager: a worker's socket answers nothing that is asked of the cluster. */
  readonly ControlAvailable?: boolean;
  readonly Error?: string;
  readonly RemoteManagers?: readonly { readonly NodeID: string; readonly Addr: string }[] | null;
  readonly Cluster?: { readonly ID: string } | null;
}

/** What `GET /info` tells of a node. */
export interface EngineInfo {
  readonly ID: string;
  readonly Name: string;
  readonly ServerVersion: string;
  readonly Driver?: string;
  readonly Images?: number;
  readonly ContainersRunning?: number;
  readonly CgroupVersion?: string;
  readonly DefaultRuntime?: string;
  readonly DataDir?: string;
  readonly RunDir?: string;
  /** What is not as wished on the host, a sentence each. */
  readonly Warnings?: readonly string[] | null;
  readonly Swarm: EngineSwarm;
  readonly Tso?: Readonly<Record<string, unknown>>;
}

/** One image of `GET /images/json`. */
export interface EngineImage {
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
  /** Seconds since the epoch. */
  readonly Created: number;
  readonly Size: number;
}

/** One line of a pull, load or import. */
export interface EngineProgress {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: ErrorBody;
}

interface ErrorBody {
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
  /** What a script can go by: which names, which versions, whether anything was done. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * Importing node:http as an ES module reads all that it exports, and some of that is made on first reading: undici and
 * web crypto, 20 ms that nothing here needs.
 */
const http = () => process.getBuiltinModule('node:http');

const codeOfStatus = (status: number): ErrorCode => {
  const known: Readonly<Record<number, ErrorCode>> = {
    400: 'INVALID_ARGUMENT',
    401: 'UNAUTHENTICATED',
    403: 'PERMISSION_DENIED',
    404: 'NOT_FOUND',
    409: 'CONFLICT',
    501: 'UNIMPLEMENTED',
    503: 'UNAVAILABLE',
  };
  return known[status] ?? 'INTERNAL';
};

const errorOf = (body: ErrorBody, fallback: ErrorCode, what: string): TsoError => {
  const code = errorCodes.find((known) => known === body.code) ?? fallback;
  const hint = body.hint ? { hint: body.hint } : {};
  return new TsoError(code, body.message || what, { ...hint, ...(body.details === undefined ? {} : { details: body.details }) });
};

const textOf = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const jsonOf = <T>(text: string, what: string): T => {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new TsoError('INTERNAL', `${what} was answered with something that is not JSON: ${text.slice(0, 80)}`, { cause });
  }
};

const targetOf = (path: string, query: Query = {}): string => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of value === undefined ? [] : typeof value === 'string' ? [value] : value) parameters.append(name, one);
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
};

/** The HTTP half of the daemon's socket: the host's own things, in the shape of the Docker Engine API. */
export class EngineClient {
  readonly #context: Context;
  readonly #uid: number;

  constructor(context: Context, uid: number) {
    this.#context = context;
    this.#uid = uid;
  }

  /** The answer as JSON; undefined when it has no body. Fails with the code that the daemon gave. */
  async call<T>(request: EngineRequest): Promise<T> {
    const text = await textOf(await this.#send(request));
    return (text.trim() === '' ? undefined : jsonOf<T>(text, `${request.method} ${request.path}`)) as T;
  }

  /** The answer's JSON lines as they arrive. An error line ends it with that failure. */
  async *lines(request: EngineRequest): AsyncIterable<EngineProgress> {
    const response = await this.#send(request);
    let rest = '';
    response.setEncoding('utf8');
    for await (const chunk of response) {
      const parts = (rest + (chunk as string)).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) yield* this.#line(part, request);
    }
    yield* this.#line(rest, request);
  }

  *#line(text: string, request: EngineRequest): Iterable<EngineProgress> {
    if (text.trim() === '') return;
    const line = jsonOf<EngineProgress>(text, `${request.method} ${request.path}`);
    if (line.error === undefined && line.errorDetail === undefined) {
      yield line;
      return;
    }
    throw errorOf({ ...line.errorDetail, message: line.errorDetail?.message ?? line.error ?? '' }, 'INTERNAL', 'the daemon gave up');
  }

  async #send(request: EngineRequest): Promise<IncomingMessage> {
    requireLocal(this.#context);
    const json = request.json === undefined ? undefined : JSON.stringify(request.json);
    const headers: Record<string, string | number> = {};
    if (json !== undefined) Object.assign(headers, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) });
    else if (request.body !== undefined)
      // A daemon that refuses what it has not read would close at once, and its answer would be lost with the rest.
      Object.assign(headers, { 'content-type': request.contentType ?? 'application/x-tar', connection: 'keep-alive' });
    else if (request.method === 'POST') headers['content-length'] = 0;
    return new Promise((resolve, reject) => {
      let answered = false;
      const outgoing = http().request({
        socketPath: this.#context.socket,
        method: request.method,
        path: targetOf(request.path, request.query),
        headers: { host: 'tso', ...headers },
        agent: false,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
      outgoing.once('response', (response) => {
        answered = true;
        const status = response.statusCode ?? 500;
        if (status < 400) return resolve(response);
        textOf(response).then((text) => reject(refusal(text, status, request)), reject);
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // A refusal may come while a large body is still being sent; then the broken pipe says nothing new.
        if (!answered) reject(error.name === 'AbortError' ? error : unreachableError(this.#context, error.code, this.#uid, error));
      });
      if (request.body !== undefined) {
        request.body.once('error', (error) => {
          answered = true;
          const known = error instanceof TsoError ? error : undefined;
          reject(known ?? new TsoError('INTERNAL', `cannot read what is to be sent: ${error.message}`, { cause: error }));
          outgoing.destroy();
        });
        request.body.pipe(outgoing);
      } else {
        outgoing.end(json);
      }
    });
  }
}

const refusal = (text: string, status: number, request: EngineRequest): TsoError => {
  let body: ErrorBody;
  try {
    body = JSON.parse(text) as ErrorBody;
  } catch {
    // Not our daemon's kind of answer: its text is all there is to tell.
    body = { message: text.trim() };
  }
  return errorOf(body, codeOfStatus(status), `${request.method} ${request.path} was refused with HTTP ${status}`);
};
