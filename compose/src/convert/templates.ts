import { meantHint } from '../diagnostics.ts';
import type { TreePath } from '../tree.ts';
import { type ConvertInput, tell } from './context.ts';

/** `{{.Task.Slot}}` and the like, which the node fills in for each task (SwarmKit template/context.go). Here they are only checked. */

const fields: readonly string[] = [
  '.Service.ID',
  '.Service.Name',
  '.Service.Labels',
  '.Node.ID',
  '.Node.Hostname',
  '.Node.Platform.OS',
  '.Node.Platform.Architecture',
  '.Task.ID',
  '.Task.Name',
  '.Task.Slot',
];

const isKnown = (field: string): boolean => fields.includes(field) || field.startsWith('.Service.Labels.');

/** Whether the text has a template in it that names the service, the node or the task. Others belong to the program in the container. */
export const hasTemplate = (text: string): boolean => /\{\{[^{}]*\.(?:Service|Node|Task)\./.test(text);

/** Fields that no task has, to the report (E202). Text without templates of ours is taken as it is. */
export const checkTemplates = (input: ConvertInput, text: string, path: TreePath): void => {
  if (!hasTemplate(text)) return;
  for (const [, action = ''] of text.matchAll(/\{\{([^{}]*)\}\}/g)) {
    for (const [field] of action.matchAll(/\.(?:Service|Node|Task)(?:\.[A-Za-z_]\w*)*/g)) {
      if (isKnown(field)) continue;
      const hint = meantHint(field, fields) ?? `there are: ${fields.join(' ')}`;
      tell(input, 'E202', path, `a task has no ${field} that {{${action}}} could take in`, hint);
    }
  }
};
