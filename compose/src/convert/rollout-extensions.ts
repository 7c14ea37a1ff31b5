import type { UpdateConfig } from '@tso/proto';
import { deadlineKey, pauseAfterKey } from '../attributes/extensions.ts';
import type { RolloutModel } from '../model.ts';
import type { TreePath } from '../tree.ts';
import { parseDuration } from '../units.ts';
import { type ConvertInput, tell } from './context.ts';

/** A day more than a week is hardly meant, and a mistake of the unit more often than not. */
const longestDeadlineMs = 7 * 24 * 3_600_000;
const mostTasks = 10_000;

type Said = Pick<UpdateConfig, 'progressDeadlineMs' | 'pauseAfter'>;

const toDeadline = (input: ConvertInput, config: RolloutModel, path: TreePath): Pick<Said, 'progressDeadlineMs'> => {
  const said = config[deadlineKey];
  if (said === undefined || said === null) return {};
  const nanos = typeof said === 'string' || said === 0 ? parseDuration(String(said)) : undefined;
  const progressDeadlineMs = nanos === undefined ? Number.NaN : Math.ceil(nanos / 1e6);
  if (progressDeadlineMs >= 0 && progressDeadlineMs <= longestDeadlineMs) return { progressDeadlineMs };
  const hint = 'write a duration up to 168h, or 0 for none: 10m';
  tell(input, 'E202', [...path, deadlineKey], `${JSON.stringify(said)} is not a deadline for progress`, hint);
  return {};
};

const toPauseAfter = (input: ConvertInput, config: RolloutModel, path: TreePath): Pick<Said, 'pauseAfter'> => {
  const said = config[pauseAfterKey];
  if (said === undefined || said === null) return {};
  const pauseAfter = typeof said === 'string' && /^\d{1,5}$/.test(said) ? Number(said) : said;
  if (typeof pauseAfter === 'number' && Number.isInteger(pauseAfter) && pauseAfter >= 0 && pauseAfter <= mostTasks) return { pauseAfter };
  const hint = `write a number up to ${mostTasks}, or 0 for none: 1`;
  tell(input, 'E202', [...path, pauseAfterKey], `${JSON.stringify(said)} is not a number of tasks`, hint);
  return {};
};

/** `x-tso-progress-deadline: 5m` and `x-tso-pause-after: 1`, where an update or the way back is told how to go. */
export const toRolloutExtensions = (input: ConvertInput, config: RolloutModel | undefined, path: TreePath): Said =>
  config === undefined ? {} : { ...toDeadline(input, config, path), ...toPauseAfter(input, config, path) };
