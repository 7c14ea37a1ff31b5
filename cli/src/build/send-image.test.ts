import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ImageLoaded, type LoadImageRequest, type RelayFrame, TsoError } from '@tso/proto';
import test from 'ava';
import { extract } from 'tar-stream';
import { readLayout } from './image-layout.ts';
import { sendImage } from './send-image.ts';

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** A layout with a configuration and two layers, one of which stands twice in the manifest. */
const withLayout = async (body: (layout: { folder: string; digest: string; parts: readonly string[] }) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-layout-'));
  try {
    await mkdir(join(folder, 'blobs/sha256'), { recursive: true });
    const parts = ['configuration', 'base '.repeat(100_000), 'top'];
    const [config, ...layers] = parts.map((text) => ({ digest: digestOf(text), size: text.length }));
    const manifest = JSON.stringify({ schemaVersion: 2, config, layers: [...layers, layers[0]] });
    for (const text of [...parts, manifest]) await writeFile(join(folder, 'blobs', digestOf(text).replace(':', '/')), text);
    await writeFile(join(folder, 'oci-layout'), '{}');
    await writeFile(join(folder, 'index.json'), '{}');
    await body({ folder, digest: digestOf(manifest), parts });
  } finally {
    await rm(folder, { recursive: true });
  }
};

const loaded: ImageLoaded = { digest: '', id: 'sha256:id', sizeBytes: 1, node: 'alpha', existed: false };

/** A manager that answers the start with `first` and the end of the archive with the result. */
class FakeCall implements AsyncIterable<RelayFrame> {
  readonly sent: LoadImageRequest[] = [];
  readonly #answers: (RelayFrame | TsoError)[] = [];
  readonly #first: readonly (RelayFrame | TsoError)[];
  #wake: () => void = () => undefined;
  ended = false;
  cancelled = false;

  constructor(first: readonly (RelayFrame | TsoError)[]) {
    this.#first = first;
  }

  async send(request: LoadImageRequest): Promise<void> {
    this.sent.push(request);
    if (request.start !== undefined) this.#answers.push(...this.#first);
    if (request.frame?.stdinEnd === true) this.#answers.push({ image: loaded });
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RelayFrame> {
    for (;;) {
      const answer = this.#answers.shift();
      if (answer instanceof TsoError) throw answer;
      if (answer !== undefined) yield answer;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  end(): void {
    this.ended = true;
  }

  cancel(): void {
    this.cancelled = true;
  }
}

const membersOf = async (sent: readonly LoadImageRequest[]): Promise<readonly string[]> => {
  const names: string[] = [];
  const reader = extract();
  for (const { frame } of sent) if (frame?.archive !== undefined) reader.write(Buffer.from(frame.archive));
  reader.end(Buffer.alloc(0));
  for await (const entry of reader) {
    names.push(entry.header.name);
    entry.resume();
  }
  return names;
};

const sendTo = (call: FakeCall, folder: string, digest: string, sizes: number[] = []) => {
  const options = {
    names: ['docker.io/library/web:latest'],
    node: '',
    signal: new AbortController().signal,
    onSize: (size: number) => sizes.push(size),
  };
  return sendImage({ loadImage: () => call }, { layout: folder, digest }, options);
};

const blobName = (text: string): string => `blobs/${digestOf(text).replace(':', '/')}`;

test('only the parts that the node lacks go over, with what describes them', (t) =>
  withLayout(async ({ folder, digest, parts: [config = '', base = '', top = ''] }) => {
    const call = new FakeCall([{ wanted: { blobs: [digestOf(top), digestOf(config)] } }]);
    const sizes: number[] = [];
    t.is(await sendTo(call, folder, digest, sizes), loaded);
    const start = call.sent[0]?.start;
    t.deepEqual(start?.options, { names: ['docker.io/library/web:latest'], digest, blobs: [config, base, top].map(digestOf) });
    const manifest = `blobs/${digest.replace(':', '/')}`;
    t.deepEqual(await membersOf(call.sent), ['oci-layout', 'index.json', manifest, blobName(config), blobName(top)]);
    t.deepEqual(sizes, [config.length + top.length]);
    t.true(call.ended);
  }));

test('large parts go in pieces that fit into a message', (t) =>
  withLayout(async ({ folder, digest, parts }) => {
    const call = new FakeCall([{ wanted: { blobs: parts.map(digestOf) } }]);
    await sendTo(call, folder, digest);
    t.is((await membersOf(call.sent)).length, 6);
    t.true(call.sent.every(({ frame }) => (frame?.archive?.length ?? 0) <= 256 * 1024));
  }));

test('of an image that is there already nothing is sent', (t) =>
  withLayout(async ({ folder, digest }) => {
    const call = new FakeCall([{ image: { ...loaded, existed: true } }]);
    t.true((await sendTo(call, folder, digest)).existed);
    t.is(call.sent.length, 1);
  }));

test('what the cluster refuses is the error', (t) =>
  withLayout(async ({ folder, digest }) => {
    const call = new FakeCall([{ wanted: { blobs: [] } }, new TsoError('RESOURCE_EXHAUSTED', 'the disk of node alpha is full')]);
    await t.throwsAsync(sendTo(call, folder, digest), { message: 'the disk of node alpha is full' });
    t.true(call.ended);
  }));

test('a part that is gone from the folder breaks the archive off before its end', (t) =>
  withLayout(async ({ folder, digest, parts: [, base = ''] }) => {
    const call = new FakeCall([{ wanted: { blobs: [digestOf(base)] } }]);
    await rm(join(folder, blobName(base)));
    await t.throwsAsync(sendTo(call, folder, digest), { code: 'ENOENT' });
    t.false(call.sent.some(({ frame }) => frame?.stdinEnd === true));
  }));

test('what is no manifest of one image is refused', (t) =>
  withLayout(async ({ folder, parts: [config = ''] }) => {
    const index = '{"manifests":[]}';
    await writeFile(join(folder, blobName(index)), index);
    await t.throwsAsync(readLayout(folder, digestOf(index)), { code: 'DATA_LOSS' });
    await t.throwsAsync(readLayout(folder, '../../etc/passwd'), { code: 'DATA_LOSS' });
    await t.throwsAsync(readLayout(folder, digestOf(config)));
  }));
