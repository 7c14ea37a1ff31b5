import type { PlannedTask } from '@tso/proto';
import test from 'ava';
import { Tables } from '../store/tables.ts';
import { previewOf } from './preview.ts';

const row: PlannedTask = { service: 'web', slot: 1, action: 'start', node: 'a', reason: '' };

test('what is shown of a plan is all of it, or is said not to be', (t) => {
  const shown = (count: number, isCut: boolean) => previewOf(() => ({ tasks: [row, row], count, isCut }), new Tables(), [], 'shop', 5);
  t.deepEqual(shown(2, false), { preview: { tasks: [row, row] }, warnings: [] });
  t.deepEqual(shown(7, false).warnings, ['of the 7 tasks that this would concern first, 2 are shown']);
  t.deepEqual(shown(2, true).warnings, ['of the more than 2 tasks that this would concern first, 2 are shown']);
});
