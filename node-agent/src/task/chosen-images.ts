import type { TaskRecord } from '../local-state.ts';
import type { StepState } from './step.ts';

/** What is remembered of the images that a task was given: none of them is removed while it needs it. */
export const chosenImages = ({ image, mountImages, hookImages }: StepState): Partial<TaskRecord> => {
  if (image === undefined) return {};
  const others = [...(mountImages?.values() ?? []), ...(hookImages?.values() ?? [])].map(({ id }) => id);
  return { imageId: image.id, stopSignal: image.config.stopSignal, ...(others.length === 0 ? {} : { mountImageIds: others }) };
};
