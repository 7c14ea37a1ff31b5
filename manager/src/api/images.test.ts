import { emptyTaskSpec, type FetchImageRequest, type LoadImageRequest, type RelayFrame, TaskState, TsoError } from '@tso/proto';
import test from 'ava';
import { status, task } from '../dispatcher/dispatcher-fixture.ts';
import { limits } from '../limits.ts';
import { StoreWatch } from '../store/watch.ts';
import { FakeAgents, type OpenedRelay } from '../testing/agents.ts';
import { silentLogger } from '../testing/ports.ts';
import { nodeNamed } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { BuiltImages, type ImagesPorts } from './images.ts';

const never = new AbortController().signal;
const digest = `sha256:${'a'.repeat(64)}`;
const loaded = { digest, id: 'sha256:id', sizeBytes: 7, node: '', existed: false };
const wish = (wanted = digest): FetchImageRequest => ({ digest: wanted, have: ['sha256:base'] });
const piece = (text: string): RelayFrame => ({ archive: Buffer.from(text) });

/** Nodes, and on `wanting` a task that names the image. */
const cluster = (wanting: readonly string[] = []) => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta'), nodeNamed('gamma')]);
  const spec = { ...emptyTaskSpec, container: { ...emptyTaskSpec.container, builtDigest: digest } };
  world.commit(wanting.map((nodeId) => ({ putTask: task(`task-${nodeId}`, nodeId, { spec, status: status(TaskState.PREPARING) }) })));
  const agents = new FakeAgents();
  const watch = new StoreWatch();
  const proposer = { view: world.tables, subscribe: watch.subscribe.bind(watch) };
  const relays = agents as unknown as ImagesPorts['relays'];
  return { agents, images: new BuiltImages({ proposer, relays, logger: silentLogger, nodeId: 'beta' }) };
};

async function* saying<T>(...messages: readonly T[]): AsyncGenerator<T> {
  yield* messages;
}

const all = async (frames: AsyncIterable<RelayFrame>): Promise<readonly RelayFrame[]> => {
  const heard: RelayFrame[] = [];
  for await (const frame of frames) heard.push(frame);
  return heard;
};

const start = (node = '', wanted = digest): LoadImageRequest => ({
  start: { node, options: { names: ['web'], digest: wanted, blobs: [] } },
});

/** Nodes that have the image answer with it, the others that they do not. */
const answering =
  (...having: readonly string[]) =>
  (relay: OpenedRelay): void => {
    if (having.includes(relay.node.id)) relay.say({ image: loaded }, piece('all'), { end: true });
    else relay.say({ error: { code: 'NOT_FOUND', message: 'not here', hint: '' } });
  };

test('an archive goes to the own node, its pieces and its end, and what became of it comes back with the hostname', async (t) => {
  const { agents, images } = cluster();
  const lacking: RelayFrame = { wanted: { blobs: ['sha256:top'] } };
  agents.onOpen = (relay) => void relay.say(lacking, { image: loaded });
  const frames = await all(images.load(saying(start(), { frame: piece('a') }, { frame: { stdinEnd: true } }), never));
  t.deepEqual(frames, [lacking, { image: { ...loaded, node: 'beta' } }]);
  const [relay] = agents.opened;
  t.like(relay, {
    node: { id: 'beta' },
    taskId: '',
    wish: { imageIn: { names: ['web'], digest, blobs: [] } },
    ended: true,
    cancelled: false,
  });
});

test('a node that is named takes the archive; one that does not exist is an error', async (t) => {
  const { agents, images } = cluster();
  agents.onOpen = (relay) => void relay.say({ image: loaded });
  await all(images.load(saying(start('gamma')), never));
  t.is(agents.opened[0]?.node.id, 'gamma');
  await t.throwsAsync(all(images.load(saying(start('delta')), never)), { code: 'NOT_FOUND' });
});

test('what the agent could not take in is an error of the call', async (t) => {
  const { agents, images } = cluster();
  agents.onOpen = (relay) => void relay.say({ error: { code: 'DATA_LOSS', message: 'a blob is damaged', hint: '' } });
  await t.throwsAsync(all(images.load(saying(start()), never)), { code: 'DATA_LOSS', message: 'a blob is damaged' });
});

test('a caller whose archive breaks off leaves the agent without its end', async (t) => {
  const { agents, images } = cluster();
  async function* broken(): AsyncGenerator<LoadImageRequest> {
    yield start();
    yield { frame: piece('half') };
    throw new TsoError('CANCELLED', 'the caller went away');
  }
  await t.throwsAsync(all(images.load(broken(), never)), { code: 'CANCELLED' });
  t.false(agents.opened[0]?.toAgent.some((frame) => frame.stdinEnd === true));
  t.true(agents.opened[0]?.cancelled);
});

test('a call without start, or with what is no digest, is refused before a node is asked', async (t) => {
  const { agents, images } = cluster();
  await t.throwsAsync(all(images.load(saying({ frame: piece('a') }), never)), { code: 'INVALID_ARGUMENT' });
  await t.throwsAsync(all(images.load(saying(start('', '../../etc/passwd')), never)), { code: 'INVALID_ARGUMENT' });
  await t.throwsAsync(all(images.fetch('alpha', wish('web:latest'), never)), { code: 'INVALID_ARGUMENT' });
  t.is(agents.opened.length, 0);
});

test('nodes are asked one after the other until one has the image', async (t) => {
  const { agents, images } = cluster(['alpha']);
  agents.onOpen = answering('gamma');
  const frames = await all(images.fetch('alpha', wish(), never));
  t.deepEqual(frames, [{ image: { ...loaded, node: 'gamma' } }, piece('all'), { end: true }]);
  t.deepEqual(
    agents.opened.map(({ node }) => node.id),
    ['beta', 'gamma'],
  );
});

test('the node that took an image in is asked for it first', async (t) => {
  const { agents, images } = cluster(['alpha']);
  agents.onOpen = (relay) => void relay.say({ image: loaded });
  await all(images.load(saying(start('gamma')), never));
  agents.onOpen = answering('gamma');
  await all(images.fetch('alpha', wish(), never));
  t.deepEqual(
    agents.opened.map(({ node }) => node.id),
    ['gamma', 'gamma'],
  );
});

test('a node none of whose tasks names the image is refused, also the own one', async (t) => {
  const { agents, images } = cluster(['alpha']);
  await t.throwsAsync(all(images.fetch('gamma', wish(), never)), { code: 'PERMISSION_DENIED' });
  await t.throwsAsync(all(images.fetch(undefined, wish(), never)), { code: 'PERMISSION_DENIED' });
  t.is(agents.opened.length, 0);
});

test('when no node has the image any more the error says to build it again', async (t) => {
  const { agents, images } = cluster(['alpha']);
  agents.onOpen = answering();
  const error = await t.throwsAsync<TsoError>(all(images.fetch('alpha', wish(), never)), { instanceOf: TsoError, code: 'NOT_FOUND' });
  t.is(error?.hint, 'Build it again: tso up --build');
});

test('a transfer that breaks off half-way is an error, since pieces were given already', async (t) => {
  const { agents, images } = cluster(['alpha']);
  agents.onOpen = (relay) => void relay.say({ image: loaded }, piece('half')).lose();
  await t.throwsAsync(all(images.fetch('alpha', wish(), never)), { code: 'UNAVAILABLE' });
});

test('more transfers than may be at once wait in line, and whoever goes away leaves it', async (t) => {
  const { agents, images } = cluster(['alpha']);
  const running = Array.from({ length: limits.imageTransfers }, () => all(images.fetch('alpha', wish(), never)));
  await new Promise(setImmediate);
  t.is(agents.opened.length, limits.imageTransfers);
  const leaving = new AbortController();
  const left = all(images.fetch('alpha', wish(), leaving.signal));
  const waiting = all(images.fetch('alpha', wish(), never));
  await new Promise(setImmediate);
  t.is(agents.opened.length, limits.imageTransfers);
  leaving.abort();
  await t.throwsAsync(left, { code: 'CANCELLED' });
  for (const relay of agents.opened) relay.say({ image: loaded }, { end: true });
  await Promise.all(running);
  await new Promise(setImmediate);
  t.is(agents.opened.length, limits.imageTransfers + 1);
  agents.opened.at(-1)?.say({ image: loaded }, { end: true });
  t.is((await waiting).length, 2);
});
