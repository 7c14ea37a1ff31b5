import { type ContainerSpec, emptyContainerSpec, emptyMount, emptyTaskSpec, MountType, PullPolicy, TsoError } from '@tso/proto';
import test from 'ava';
import type { Image } from '../../image/types.ts';
import { taskNamed } from '../../testing/agent-world.ts';
import { imageNamed } from '../../testing/fake-host.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import type { StepContext, StepState } from '../step.ts';
import { ImageStep } from './image.ts';

const dayMs = 86_400_000;

/** A node with these images, and a registry that has newer ones, or cannot be reached. */
const nodeWith = (here: readonly Image[], registry: 'newer' | TsoError) => {
  const pulls: string[] = [];
  const images = {
    find: (name: string) => here.find((image) => image.names.includes(name) || image.id === name),
    pull: async (name: string) => {
      pulls.push(name);
      if (registry !== 'newer') throw registry;
      return { ...imageNamed(name), id: `new ${name}` };
    },
  };
  const clock = new ManualClock();
  const step = new ImageStep(images, { ensure: () => Promise.reject(new Error('nothing is built here')) }, clock);
  const prepare = async (container: Partial<ContainerSpec>): Promise<StepState> => {
    const context: StepContext = {
      task: taskNamed('web', { spec: { ...emptyTaskSpec, container: { ...emptyContainerSpec, image: 'app:1', ...container } } }),
      state: {},
      imageId: '',
      signal: new AbortController().signal,
      say: () => undefined,
    };
    await step.do(context);
    return context.state;
  };
  return { pulls, clock, prepare };
};

const pulled = (pulledAtMs?: number): Image => ({
  ...imageNamed('app:1'),
  names: ['app:1'],
  ...(pulledAtMs === undefined ? {} : { pulledAtMs }),
});

test('an image is asked for again once it was pulled as long ago as the policy says, and no sooner', async (t) => {
  const { pulls, clock, prepare } = nodeWith([pulled(1_000_000)], 'newer');
  clock.advance(dayMs - 1);
  t.is((await prepare({ pullRefreshMs: dayMs })).image?.id, imageNamed('app:1').id);
  clock.advance(1);
  t.is((await prepare({ pullRefreshMs: dayMs })).image?.id, 'new app:1');
  t.is((await prepare({})).image?.id, imageNamed('app:1').id);
  t.deepEqual(pulls, ['app:1']);
});

test('one whose age nobody knows is asked for: it was loaded, or the clock was set back', async (t) => {
  for (const image of [pulled(), pulled(Number.MAX_SAFE_INTEGER)]) {
    const { pulls, prepare } = nodeWith([image], 'newer');
    await prepare({ pullRefreshMs: dayMs });
    t.deepEqual(pulls, ['app:1']);
  }
});

test('a registry that does not answer, or not any more, keeps nobody from an image that is here, and it is said', async (t) => {
  for (const code of ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED'] as const) {
    const { prepare } = nodeWith([pulled(-dayMs)], new TsoError(code, 'no answer'));
    const state = await prepare({ pullRefreshMs: dayMs });
    t.is(state.image?.id, imageNamed('app:1').id);
    t.regex(state.notes?.join() ?? '', /app:1 as it was/);
    await t.throwsAsync(prepare({ pullPolicy: PullPolicy.PULL_ALWAYS }), { code });
  }
});

test('a registry that has the image no more is believed', async (t) => {
  const { prepare } = nodeWith([pulled(-dayMs)], new TsoError('NOT_FOUND', 'no such image'));
  await t.throwsAsync(prepare({ pullRefreshMs: dayMs }), { code: 'NOT_FOUND' });
});

test('images that are mounted are brought here too, each once', async (t) => {
  const { pulls, prepare } = nodeWith([pulled(0)], 'newer');
  const mount = { ...emptyMount, type: MountType.IMAGE, source: 'assets:2' };
  const state = await prepare({ mounts: [mount, { ...mount, target: '/b' }, { ...mount, source: 'app:1' }] });
  t.deepEqual([...(state.mountImages ?? new Map()).keys()], ['assets:2', 'app:1']);
  t.deepEqual(pulls, ['assets:2']);
});
