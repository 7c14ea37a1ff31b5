/** What the manager tells the agent that runs it, over the channel between them. */
export type ManagerWord =
  | { readonly type: 'ready' }
  /** It cannot start, in its own words. */
  | { readonly type: 'failed'; readonly message: string }
  /** It waits for the unlock key, and says what is shut. Again after a key that does not do. */
  | { readonly type: 'locked'; readonly why: string }
  /** What is sealed with from now on; empty: nothing is. */
  | { readonly type: 'unlock-key'; readonly key: string }
  /** Its figures, as asked for under that number. */
  | { readonly type: 'metrics'; readonly id: number; readonly text: string }
  /** It is out of the group for good, and ends by itself. */
  | { readonly type: 'removed' };

/** undefined: nothing that this release knows. */
export const wordOf = (message: unknown): ManagerWord | undefined => {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  const { type, message: said, why, key, id, text } = message as Readonly<Record<string, unknown>>;
  if (type === 'ready' || type === 'removed') return { type };
  if (type === 'locked') return { type, why: typeof why === 'string' ? why : 'it did not say what is shut' };
  if (type === 'failed') return { type, message: typeof said === 'string' ? said : 'it did not say why' };
  if (type === 'metrics') return typeof id === 'number' && typeof text === 'string' ? { type, id, text } : undefined;
  return type === 'unlock-key' && typeof key === 'string' ? { type, key } : undefined;
};
