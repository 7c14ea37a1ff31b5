import { type ErrorCode, type FetchImageRequest, type RelayFrame, TsoError } from '@tso/proto';
import test from 'ava';
import { limits } from '../limits.ts';
import { CollectedLog } from '../testing/collected-log.ts';
import { eventually } from '../testing/eventually.ts';
import { imageNamed } from '../testing/fake-host.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { BuiltImages, type FetchBuiltPorts } from './fetch-built.ts';
import type { Image, PullProgress } from './types.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const image: Image = { ...imageNamed('web'), digest };
const wanted = { digest, name: 'web', platform: '' };
const never = new AbortController().signal;
const said: RelayFrame = { image: { digest, id: '', sizeBytes: 6, node: 'host', existed: true } };

/** A host that has nothing yet, and a manager that answers each time as it is told. */
const world = (...answers: readonly (() => AsyncIterable<RelayFrame>)[]) => {
  const asked: FetchImageRequest[] = [];
  const arrived: string[] = [];
  let here: Image | undefined;
  const clock = new ManualClock();
  const ports: FetchBuiltPorts = {
    clock,
    logger: new CollectedLog(),
    images: {
      findDigest: () => here,
      fetch: async (_, source) => {
        for await (const piece of source(['sha256:base'])) arrived.push(Buffer.from(piece).toString());
        here = image;
        return image;
      },
    },
    fetchImage: (request) => {
      asked.push(request);
      const answer = answers[asked.length - 1] ?? answers.at(-1);
      if (answer === undefined) throw new Error('nothing was told to answer');
      return answer();
    },
  };
  return { built: new BuiltImages(ports), asked, arrived, clock };
};

const frames = (...all: readonly RelayFrame[]) =>
  async function* (): AsyncGenerator<RelayFrame> {
    yield* all;
  };
const failing = (code: ErrorCode) => (): AsyncIterable<RelayFrame> => {
  throw new TsoError(code, 'no');
};
const whole = frames(said, { archive: Buffer.from('abc') }, { archive: Buffer.from('def') }, { end: true });

test('an image is asked for with what is here already, and its progress is told', async (t) => {
  const { built, asked, arrived } = world(whole);
  const progress: PullProgress[] = [];
  t.is(await built.ensure(wanted, { signal: never, onProgress: (one) => progress.push(one) }), image);
  t.deepEqual(asked, [{ digest, have: ['sha256:base'] }]);
  t.deepEqual(arrived, ['abc', 'def']);
  t.deepEqual(
    progress.map(({ bytesDone, bytesTotal }) => [bytesDone, bytesTotal]),
    [
      [0, 6],
      [3, 6],
      [6, 6],
    ],
  );
});

test('several tasks that want an image have it fetched once', async (t) => {
  const { built, asked } = world(whole);
  const options = { signal: never, onProgress: () => undefined };
  await Promise.all([built.ensure(wanted, options), built.ensure(wanted, options), built.ensure(wanted, options)]);
  t.is(asked.length, 1);
});

test('an image that broke off, or found no manager, is asked for again after a pause', async (t) => {
  const { built, asked, clock } = world(failing('UNAVAILABLE'), frames(said, { archive: Buffer.from('abc') }), whole);
  const fetched = built.ensure(wanted, { signal: never, onProgress: () => undefined });
  await eventually('it pauses', () => clock.pending === 1);
  clock.advance(limits.imageFetchPauseMs);
  await eventually('it pauses again', () => asked.length === 2 && clock.pending === 1);
  clock.advance(limits.imageFetchPauseMs);
  t.is(asked.length, 2);
  clock.advance(limits.imageFetchPauseMs);
  t.is(await fetched, image);
});

for (const code of ['DATA_LOSS', 'CANCELLED'] as const) {
  test(`what ended with ${code} is asked for again, since another node or manager may give it`, async (t) => {
    const { built, asked, clock } = world(failing(code), whole);
    const fetched = built.ensure(wanted, { signal: never, onProgress: () => undefined });
    await eventually('it pauses', () => clock.pending === 1);
    clock.advance(limits.imageFetchPauseMs);
    t.is(await fetched, image);
    t.is(asked.length, 2);
  });
}

test('more than was said to come is not read', async (t) => {
  const piece: RelayFrame = { archive: Buffer.from('abcd') };
  const { built, asked, arrived, clock } = world(frames(said, piece, piece, piece, { end: true }), frames(piece), whole);
  const fetched = built.ensure(wanted, { signal: never, onProgress: () => undefined });
  await eventually('it pauses', () => clock.pending === 1);
  t.deepEqual(arrived, ['abcd']);
  clock.advance(limits.imageFetchPauseMs);
  await eventually('it pauses again', () => asked.length === 2 && clock.pending === 1);
  t.deepEqual(arrived, ['abcd']);
  clock.advance(limits.imageFetchPauseMs * 2);
  t.is(await fetched, image);
});

test('after so many attempts the reason is given', async (t) => {
  const { built, asked, clock } = world(failing('UNAVAILABLE'));
  const fetched = t.throwsAsync(built.ensure(wanted, { signal: never, onProgress: () => undefined }), { code: 'UNAVAILABLE' });
  for (let attempt = 1; attempt < limits.imageFetchAttempts; attempt += 1) {
    await eventually('it pauses', () => asked.length === attempt && clock.pending === 1);
    clock.advance(limits.imageFetchPauseMs * 2 ** attempt);
  }
  await fetched;
  t.is(asked.length, limits.imageFetchAttempts);
});

test('what another attempt cannot mend is said at once', async (t) => {
  const { built, asked } = world(failing('NOT_FOUND'));
  await t.throwsAsync(built.ensure(wanted, { signal: never, onProgress: () => undefined }), { code: 'NOT_FOUND' });
  t.is(asked.length, 1);
});

test('a task that is no longer wished ends the pause', async (t) => {
  const { built, asked, clock } = world(failing('UNAVAILABLE'));
  const gone = new AbortController();
  const fetched = t.throwsAsync(built.ensure(wanted, { signal: gone.signal, onProgress: () => undefined }));
  await eventually('it pauses', () => clock.pending === 1);
  gone.abort();
  await fetched;
  t.is(asked.length, 1);
  t.is(clock.pending, 0);
});
