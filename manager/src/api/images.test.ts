import { emptyTaskSpec, type FetchImageRequest, type LoadImageRequest, type RelayFrame, TaskState, TsoError } from '@tso/proto';
import test from 'ava';
import { status, task } from '../dispatcher/dispatcher-fixture.ts';
import { limits } from '../limits.ts';
import { StoreWatch } from '../store/watch.ts';
import { FakeAgents, type OpenedRelay } from '../testing/agents.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { silentLogger } from '../testing/ports.ts';
import { nodeNamed } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { BuiltImages } from './images.ts';

const never = new AbortController().signal;
const digest = `sha256:${'a'.repeat(64)}`;
const loaded = { digest, id: 'sha256:id', sizeBytes: 7, node: '', existed: false };
const wish = (wanted = digest): FetchImageRequest => ({ digest: wanted, have: ['sha256:base'] });
const piece = (text: string): RelayFrame => ({ archive: Buffer.from(text) });

/** Nodes, and on `wanting` a task that names the image. */
const cluster = (wanting: readonly string[] = [], more: readonly string[] = []) => {
  const world = new World(['alpha', 'beta', 'gamma', ...more].map((name) => nodeNamed(name)));
  const spec = { ...emptyTaskSpec, container: { ...emptyTaskSpec.container, builtDigest: digest } };
  world.commit(wanting.map((nodeId) => ({ putTask: task(`task-${nodeId}`, nodeId, { spec, status: status(TaskState.PREPARING) }) })));
  const agents = new FakeAgents();
  const clock = new ManualClock();
  const watch = new StoreWatch();
  const proposer = { view: world.tables, subscribe: watch.subscribe.bind(watch) };
  return { world, clock, agents, images: new BuiltImages({ proposer, relays: agents, clock, logger: silentLogger, nodeId: 'beta' }) };
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

/** What was opened, by node. */
const opened = (agents: FakeAgents): readonly string[] => agents.opened.map(({ node }) => node.id);
/** Lets what can go on go on. */
const settled = () => new Promise(setImmediate);

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
  agents.onOpen = (relay) => void relay.say(lacking);
  const loading = all(images.load(saying(start(), { frame: piece('a') }, { frame: { stdinEnd: true } }), never));
  await settled();
  const [relay] = agents.opened;
  t.deepEqual(relay?.toAgent, [piece('a'), { stdinEnd: true }]);
  relay?.say({ image: loaded });
  t.deepEqual(await loading, [lacking, { image: { ...loaded, node: 'beta' } }]);
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

test('who asks again for an image gets it from another node, since what came was not it', async (t) => {
  const { agents, images } = cluster(['alpha']);
  agents.onOpen = answering('beta', 'gamma');
  for (let attempt = 0; attempt < 3; attempt += 1) await all(images.fetch('alpha', wish(), never));
  t.deepEqual(opened(agents), ['beta', 'gamma', 'beta']);
});

test('that a node gave an image in vain holds for who asked, and until its task is ready', async (t) => {
  const { world, agents, images } = cluster(['alpha', 'gamma']);
  agents.onOpen = answering('beta', 'gamma', 'alpha');
  await all(images.fetch('alpha', wish(), never));
  await all(images.fetch('gamma', wish(), never));
  t.deepEqual(opened(agents), ['beta', 'alpha']);
  const prepared = world.tables.task('task-alpha');
  if (prepared === undefined) throw new Error('the task is gone');
  world.commit([{ putTask: { ...prepared, status: status(TaskState.READY) } }]);
  await all(images.fetch('alpha', wish(), never));
  t.deepEqual(opened(agents).slice(2), ['beta']);
});

test('a node that gave an image is not taken for one that has it', async (t) => {
  const { agents, images } = cluster(['alpha', 'beta']);
  agents.onOpen = answering('gamma');
  await all(images.fetch('alpha', wish(), never));
  await all(images.fetch('beta', wish(), never));
  t.deepEqual(opened(agents), ['beta', 'gamma', 'alpha', 'gamma']);
});

test('whatever a node says instead of an image, the next one is asked, and in the end its reason is given', async (t) => {
  const { agents, images } = cluster(['alpha']);
  const refusing = (relay: OpenedRelay) => relay.say({ error: { code: 'PERMISSION_DENIED', message: 'never', hint: '' } });
  agents.onOpen = (relay) => void (relay.node.id === 'beta' ? refusing(relay) : answering('gamma')(relay));
  t.is((await all(images.fetch('alpha', wish(), never))).length, 3);
  agents.onOpen = (relay) => void (relay.node.id === 'beta' ? refusing(relay) : answering()(relay));
  await t.throwsAsync(all(images.fetch('alpha', wish(), never)), { code: 'UNAVAILABLE', message: /never/ });
});

test('whatever a node says in the midst of an image, it broke off and may be asked for again', async (t) => {
  const { agents, images } = cluster(['alpha']);
  agents.onOpen = (relay) => void relay.say({ image: loaded }, { error: { code: 'PERMISSION_DENIED', message: 'never', hint: '' } });
  await t.throwsAsync(all(images.fetch('alpha', wish(), never)), { code: 'UNAVAILABLE', message: /beta.*never/ });
});

test('a node that says nothing for a minute is left, for the next one or in the midst of an image', async (t) => {
  const { clock, agents, images } = cluster(['alpha']);
  agents.onOpen = (relay) => void (relay.node.id === 'gamma' ? relay.say({ image: loaded }, piece('half')) : undefined);
  const fetched = t.throwsAsync(all(images.fetch('alpha', wish(), never)), { code: 'UNAVAILABLE', message: /gamma.*60 s/ });
  await settled();
  t.deepEqual(opened(agents), ['beta']);
  clock.advance(limits.imageSilenceMs);
  await settled();
  t.deepEqual(opened(agents), ['beta', 'gamma']);
  clock.advance(limits.imageSilenceMs);
  await fetched;
  t.deepEqual(
    agents.opened.map(({ cancelled }) => cancelled),
    [true, true],
  );
  t.is(clock.pending, 0);
});

test('a node that says a little from time to time is left as well, one that goes on is not', async (t) => {
  const { clock, agents, images } = cluster(['alpha']);
  const heard: RelayFrame[] = [];
  const hear = async (): Promise<void> => {
    for await (const frame of images.fetch('alpha', wish(), never)) heard.push(frame);
  };
  const fetched = t.throwsAsync(hear(), { code: 'UNAVAILABLE', message: /beta.*60 s/ });
  await settled();
  const [relay] = agents.opened;
  relay?.say({ image: loaded });
  for (const size of [limits.imageMoveBytes, limits.imageMoveBytes, 1, 1]) {
    await settled();
    clock.advance(limits.imageSilenceMs - 1);
    relay?.say({ archive: Buffer.alloc(size) });
  }
  await fetched;
  t.is(heard.length, 4);
});

test('a node that does not read for a minute loses its place among all, and keeps its own', async (t) => {
  const others = ['delta', 'epsilon', 'zeta'];
  const { clock, agents, images } = cluster(['alpha', 'beta', 'gamma', 'delta', 'epsilon'], others);
  const fetches = ['alpha', 'beta', 'gamma', 'delta'].flatMap((id) => [id, id]).map((id) => images.fetch(id, wish(), never));
  agents.onOpen = (relay) => void relay.say({ image: loaded }, piece('all'), { end: true });
  for (const frames of fetches) await frames.next();
  t.is(agents.opened.length, limits.imageTransfers);
  const patient = all(images.fetch('epsilon', wish(), never));
  const greedy = images.fetch('alpha', wish(), never).next();
  await settled();
  t.is(agents.opened.length, limits.imageTransfers);
  clock.advance(limits.imageSilenceMs);
  t.is((await patient).length, 3);
  t.is(agents.opened.length, limits.imageTransfers + 1);
  for (const frames of fetches) await t.throwsAsync(frames.next(), { code: 'UNAVAILABLE' });
  t.false((await greedy).done);
});

test('one node has no more than its own transfers at once, and leaves the others theirs', async (t) => {
  const { agents, images } = cluster(['alpha', 'gamma']);
  const greedy = Array.from({ length: limits.imageTransfers }, () => all(images.fetch('alpha', wish(), never)));
  await settled();
  t.is(agents.opened.length, limits.imageTransfersOfNode);
  agents.onOpen = (relay) => void relay.say({ image: loaded }, { end: true });
  t.is((await all(images.fetch('gamma', wish(), never))).length, 2);
  for (const relay of agents.opened) relay.say({ image: loaded }, { end: true });
  await Promise.all(greedy);
  t.is(agents.opened.length, limits.imageTransfers + 1);
});

test('who goes away after the first frame leaves nothing behind', async (t) => {
  const { clock, agents, images } = cluster(['alpha']);
  agents.onOpen = (relay) => void relay.say({ image: loaded });
  const frames = images.fetch('alpha', wish(), never);
  await frames.next();
  await frames.return(undefined);
  t.true(agents.opened[0]?.cancelled);
  t.is(clock.pending, 0);
});

test('more transfers than may be at once wait in line, and whoever goes away leaves it', async (t) => {
  const askers = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
  const { agents, images } = cluster(askers, ['delta', 'epsilon']);
  const running = askers.slice(0, 4).flatMap((id) => [all(images.fetch(id, wish(), never)), all(images.fetch(id, wish(), never))]);
  await settled();
  t.is(agents.opened.length, limits.imageTransfers);
  const leaving = new AbortController();
  const left = all(images.fetch('epsilon', wish(), leaving.signal));
  const waiting = all(images.fetch('epsilon', wish(), never));
  await settled();
  t.is(agents.opened.length, limits.imageTransfers);
  leaving.abort();
  await t.throwsAsync(left, { code: 'CANCELLED' });
  for (const relay of agents.opened) relay.say({ image: loaded }, { end: true });
  await Promise.all(running);
  await settled();
  t.is(agents.opened.length, limits.imageTransfers + 1);
  agents.opened.at(-1)?.say({ image: loaded }, { end: true });
  t.is((await waiting).length, 2);
});
