import type { PlannedTask, PlanPreview, StoreAction } from '@tso/proto';
import type { View } from '../store/view.ts';

/** What the planner would do first with a stack, were these actions applied now (plans-ahead.ts). */
export type PlansAhead = (
  view: View,
  actions: readonly StoreAction[],
  stack: string,
  now: number,
) => { readonly tasks: readonly PlannedTask[]; readonly count: number; readonly isCut: boolean };

export interface Previewed {
  readonly preview: PlanPreview;
  /** That not all of it is shown, where that is so. */
  readonly warnings: readonly string[];
}

/** What a change that is not made would begin with. */
export const previewOf = (ahead: PlansAhead, view: View, actions: readonly StoreAction[], stack: string, now: number): Previewed => {
  const { tasks, count, isCut } = ahead(view, actions, stack, now);
  const all = `${isCut ? 'more than ' : ''}${count}`;
  const warnings = isCut || count > tasks.length ? [`of the ${all} tasks that this would concern first, ${tasks.length} are shown`] : [];
  return { preview: { tasks }, warnings };
};
