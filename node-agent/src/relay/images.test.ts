import { type RelayFrame, TsoError } from '@tso/proto';
import test from 'ava';
import type { Image, Images } from '../image/types.ts';
import { imageNamed } from '../testing/fake-host.ts';
import { relayImageIn, relayImageOut } from './images.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const image: Image = { ...imageNamed('web'), digest, sizeBytes: 5 };
const never = new AbortController().signal;

const sink = () => {
  const sent: RelayFrame[] = [];
  return { sent, frames: { send: async (frame: RelayFrame) => void sent.push(frame) } };
};

async function* saying<T>(...messages: readonly T[]): AsyncGenerator<T> {
  yield* messages;
}

/** A store that has the image, or takes in whatever comes. */
const storeWith = (has: boolean) => {
  const taken: string[] = [];
  const images: Pick<Images, 'findDigest' | 'name' | 'takeIn' | 'save'> = {
    findDigest: (wanted) => (has && wanted === digest ? image : undefined),
    name: async () => image,
    takeIn: async (source, options) => {
      for await (const piece of source(['sha256:base'])) taken.push(Buffer.from(piece).toString());
      taken.push(`${options.digest ?? 'any'} as ${options.names.join()}`);
      return image;
    },
    save: async (wanted, have, use) => {
      if (!has) throw new TsoError('NOT_FOUND', `the image ${wanted} is not on this host`);
      return use(
        { sizeBytes: 700_000, pieces: saying(Buffer.alloc(1), Buffer.alloc(300_000), Buffer.alloc(399_999, [...have].length)) },
        image,
      );
    },
  };
  return { images, taken };
};

test('an image that goes out says what it is first, comes in large pieces, and ends', async (t) => {
  const { sent, frames } = sink();
  await relayImageOut({ digest, have: ['sha256:x'] }, frames, never, storeWith(true));
  t.deepEqual(sent[0], { image: { digest, id: image.id, sizeBytes: 700_000, node: '', existed: true } });
  t.deepEqual(
    sent.slice(1).map(({ archive, end }) => archive?.length ?? end),
    [300_001, 399_999, true],
  );
  t.is(sent[2]?.archive?.[0], 1);
});

test('an image that is not here is an error before anything was sent', async (t) => {
  const { sent, frames } = sink();
  await t.throwsAsync(relayImageOut({ digest, have: [] }, frames, never, storeWith(false)), { code: 'NOT_FOUND' });
  t.deepEqual(sent, []);
});

test('an image that nobody waits for any more is not sent to its end', async (t) => {
  const gone = new AbortController();
  const sent: RelayFrame[] = [];
  const frames = {
    send: async (frame: RelayFrame) => {
      sent.push(frame);
      gone.abort();
    },
  };
  await t.throwsAsync(relayImageOut({ digest, have: [] }, frames, gone.signal, storeWith(true)));
  t.is(sent.length, 1);
});

test('an archive is taken in until its end is said', async (t) => {
  const { sent, frames } = sink();
  const store = storeWith(false);
  const incoming = saying<RelayFrame>({ archive: Buffer.from('a') }, { archive: Buffer.from('b') }, { stdinEnd: true });
  await relayImageIn({ digest, names: ['web'], blobs: [] }, { frames, incoming }, never, store);
  t.deepEqual(store.taken, ['a', 'b', `${digest} as web`]);
  t.deepEqual(sent, [{ image: { digest, id: image.id, sizeBytes: 5, node: '', existed: false } }]);
});

test('of an image whose parts are said only those are asked for that are not here', async (t) => {
  const { sent, frames } = sink();
  const incoming = saying<RelayFrame>({ archive: Buffer.from('a') }, { stdinEnd: true });
  await relayImageIn({ digest, names: [], blobs: ['sha256:base', 'sha256:top'] }, { frames, incoming }, never, storeWith(false));
  t.deepEqual(sent[0], { wanted: { blobs: ['sha256:top'] } });
  t.is(sent[1]?.image?.digest, digest);
});

test('an archive that breaks off before its end is not taken for a whole one', async (t) => {
  const { sent, frames } = sink();
  const incoming = saying<RelayFrame>({ archive: Buffer.from('a') });
  const store = storeWith(false);
  await t.throwsAsync(relayImageIn({ digest: '', names: [], blobs: [] }, { frames, incoming }, never, store), { code: 'CANCELLED' });
  t.deepEqual(sent, []);
});

test('of an image that is here already nothing is read', async (t) => {
  const { sent, frames } = sink();
  const store = storeWith(true);
  const incoming = (async function* (): AsyncGenerator<RelayFrame> {
    t.fail('it was read');
    yield {};
  })();
  await relayImageIn({ digest, names: ['web'], blobs: [] }, { frames, incoming }, never, store);
  t.deepEqual(store.taken, []);
  t.true(sent[0]?.image?.existed);
});
