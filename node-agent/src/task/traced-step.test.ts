import type { SpanWish } from '@tso/proto/tracing';
import test from 'ava';
import { taskNamed } from '../testing/agent-world.ts';
import type { StepContext } from './step.ts';
import { TracedStep } from './traced-step.ts';

const task = taskNamed('web', { id: 't1', slot: 2, nodeId: 'n1' });

test('each work of a step is a span that says whose it was and what it failed with', async (t) => {
  const spans: (readonly [SpanWish, string | undefined])[] = [];
  const tracing = {
    begin: (wish: SpanWish) => ({ traceparent: undefined, end: (error?: string) => spans.push([wish, error]) }),
    stop: async () => undefined,
  };
  const step = new TracedStep(
    'image',
    { do: async () => undefined, undo: () => Promise.reject(new Error('the layer is in use')) },
    tracing,
  );
  await step.do({ task } as StepContext);
  await t.throwsAsync(step.undo(task), { message: 'the layer is in use' });
  t.deepEqual(
    spans.map(([{ name }, error]) => [name, error]),
    [
      ['task image', undefined],
      ['task undo image', 'the layer is in use'],
    ],
  );
  t.like(spans[0]?.[0].attributes, { 'tso.task': 't1', 'tso.service': 'web', 'tso.slot': 2, 'tso.node': 'n1' });
});
