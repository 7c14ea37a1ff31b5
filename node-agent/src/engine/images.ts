import type { ServerResponse } from 'node:http';
import { type Clock, sentenceOf, TsoError, toTsoError } from '@tso/proto';
import type { Image, Images, PullProgress, RegistryCredentials } from '../image/types.ts';
import { limits } from '../limits.ts';
import type { EngineRequest, Route } from './router.ts';
import { sendJson } from './router.ts';

export interface ImageRoutesPorts {
  readonly images: Images;
  readonly clock: Clock;
  readonly imagesInUse: () => ReadonlySet<string>;
}

const describe = (image: Image) => ({
  Id: image.id,
  RepoTags: image.names,
  RepoDigests: [image.digest],
  Created: Math.floor(image.createdAtMs / 1_000),
  Size: image.sizeBytes,
  Labels: image.config.labels,
});

interface Lines {
  /** What must be said. */
  readonly line: (body: object) => void;
  /** How far it is: left out when the last word is young, or the client does not read. */
  readonly progress: (body: object) => void;
}

/** JSON lines, so that a long load or pull shows its progress; a failure after the first line is a line too. */
const stream = async (response: ServerResponse, clock: Clock, work: (lines: Lines) => Promise<void>): Promise<void> => {
  let progressAt = Number.NEGATIVE_INFINITY;
  const line = (body: object): void => {
    // Work that was cut short may still have a word to say when all is over.
    if (response.writableEnded || response.destroyed) return;
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`${JSON.stringify(body)}\n`);
  };
  const progress = (body: object): void => {
    if (response.writableNeedDrain || clock.monotonic() - progressAt < limits.progressMs) return;
    progressAt = clock.monotonic();
    line(body);
  };
  try {
    await work({ line, progress });
  } catch (thrown) {
    const error = toTsoError(thrown);
    line({ error: sentenceOf(error), errorDetail: { code: error.code, message: error.message, hint: error.hint } });
  }
  response.end();
};

/** Docker's X-Registry-Auth header: base64url JSON. */
const credentialsOf = (request: EngineRequest): RegistryCredentials | undefined => {
  const header = request.raw.headers['x-registry-auth'];
  if (typeof header !== 'string') return undefined;
  try {
    const { username, password } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Partial<RegistryCredentials>;
    return username === undefined || password === undefined ? undefined : { username, password };
  } catch (error) {
    throw new TsoError('INVALID_ARGUMENT', 'the X-Registry-Auth header is not base64 of JSON', { cause: error });
  }
};

const required = (request: EngineRequest, name: string): string => {
  const value = request.query.get(name);
  if (value === null || value === '') throw new TsoError('INVALID_ARGUMENT', `the parameter ${name} is missing`);
  return value;
};

const progressLine = (name: string, progress: PullProgress) => ({
  status: `pulling ${progress.layersDone} of ${progress.layersTotal} layers`,
  id: name,
  progressDetail: { current: progress.bytesDone, total: progress.bytesTotal },
});

/** Images of this host, in the shape of the Docker Engine API. */
export const imageRoutes = ({ images, clock, imagesInUse }: ImageRoutesPorts): readonly Route[] => [
  {
    method: 'GET',
    path: '/images/json',
    handler: async (_, response) => sendJson(response, 200, images.list().map(describe)),
  },
  {
    method: 'POST',
    path: '/images/load',
    handler: (request, response) =>
      stream(response, clock, async ({ line }) => {
        const loaded = await images.load(request.raw, { signal: request.signal });
        for (const image of loaded)
          for (const name of image.names.length > 0 ? image.names : [image.id]) line({ stream: `Loaded image: ${name}\n`, id: image.id });
      }),
  },
  {
    method: 'POST',
    path: '/images/create',
    handler: (request, response) =>
      stream(response, clock, async ({ line, progress }) => {
        const tag = request.query.get('tag');
        const withTag = (name: string): string => (tag === null || tag === '' ? name : `${name}${tag.includes(':') ? '@' : ':'}${tag}`);
        if (request.query.has('fromSrc')) {
          const name = withTag(required(request, 'repo'));
          const image = await images.importRootfs(request.raw, { name, changes: request.query.getAll('changes'), signal: request.signal });
          return line({ status: image.id, id: image.names[0] ?? name });
        }
        const name = withTag(required(request, 'fromImage'));
        const credentials = credentialsOf(request);
        const image = await images.pull(name, {
          platform: request.query.get('platform') ?? '',
          signal: request.signal,
          onProgress: (state) => progress(progressLine(name, state)),
          ...(credentials === undefined ? {} : { credentials }),
        });
        line({ status: `Digest: ${image.digest}`, id: name });
      }),
  },
  {
    method: 'DELETE',
    path: '/images/:name*',
    handler: async ({ params }, response) => {
      const name = params.name ?? '';
      await images.remove(name, imagesInUse());
      sendJson(response, 200, [{ Untagged: name }]);
    },
  },
];
