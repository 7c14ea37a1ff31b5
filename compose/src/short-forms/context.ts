import type { Report } from '../diagnostics.ts';
import type { TreeNode, TreePath } from '../tree.ts';

export interface Context {
  readonly report: Report;
  /** False: variables are still in the text, so what cannot be read is left as it stands. */
  readonly interpolated: boolean;
}

/** A value in its one long form; what cannot be understood goes to the report as E204 and is returned as it was. */
export type Rewrite = (node: TreeNode, path: TreePath, context: Context) => TreeNode;

/** Reports a value that cannot be understood, unless a variable is still in it; returns the node unchanged. */
export const refuse = (node: TreeNode, path: TreePath, context: Context, message: string, hint?: string): TreeNode => {
  const raw = node.kind === 'scalar' && typeof node.value === 'string' && node.value.includes('$');
  if (context.interpolated || !raw) context.report.add('E204', node.at, path, message, { hint });
  return node;
};
