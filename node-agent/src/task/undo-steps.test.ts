import test from 'ava';
import { type StepName, stepNames } from './machine.ts';
import { undoSteps } from './undo-steps.ts';

const undoneBut = async (failing: readonly StepName[], only?: readonly StepName[]) => {
  const asked: StepName[] = [];
  const failed: StepName[] = [];
  const left = await undoSteps(
    only,
    async (name) => {
      asked.push(name);
      if (failing.includes(name)) throw new Error('busy');
    },
    (name) => failed.push(name),
  );
  return { asked, failed, left };
};

test('all steps are undone, last one first', async (t) => {
  t.deepEqual(await undoneBut([]), { asked: stepNames.toReversed(), failed: [], left: [] });
});

test('what cannot be undone is left, and the rest undone', async (t) => {
  const { asked, failed, left } = await undoneBut(['ports']);
  t.is(asked.length, stepNames.length);
  t.deepEqual([failed, left], [['ports'], ['ports']]);
});

test('what processes may use that do not end is not touched', async (t) => {
  const { asked, left } = await undoneBut(['container']);
  t.deepEqual(left, ['rootfs', 'volumes', 'network', 'container']);
  t.false(asked.includes('network'));
});

test('of what is left only that is undone', async (t) => {
  t.deepEqual((await undoneBut([], ['rootfs', 'network'])).asked, ['network', 'rootfs']);
});
