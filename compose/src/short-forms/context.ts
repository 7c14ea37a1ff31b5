import type { Report } from '../diagnostics.ts';
import type { TreeNode, TreePath } from '../tree.ts';

export interface Context {
  readonly report: Report;
  /** False: variables are still in the text, so what cannot be read is left as it stands. */
  readonly interpolated: boolean;
}

/** A value in its one long form; what cannot be understood goes to the report as E204. */
export type Rewrite = (node: TreeNode, path: TreePath, context: Context) => TreeNode;

/**
 * Reports a value that cannot be understood and marks it to be left out, so that nothing later stumbles over it; one in which a
 * variable still stands stays as it is.
 */
export const refuse = (node: TreeNode, path: TreePath, context: Context, message: string, hint?: string): TreeNode => {
  const raw = node.kind === 'scalar' && typeof node.value === 'string' && node.value.includes('$');
  if (raw && !context.interpolated) return node;
  context.report.add('E204', node.at, path, message, { hint });
  return { ...node, tag: 'reset' };
};
