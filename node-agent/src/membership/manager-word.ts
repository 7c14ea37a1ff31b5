/** What the manager tells the agent that runs it, over the channel between them. */
export type ManagerWord =
  | { readonly type: 'ready' }
  /** It cannot start, in its own words. */
  | { readonly type: 'failed'; readonly message: string }
  /** It waits for the unlock key. */
  | { readonly type: 'locked' }
  /** What is sealed with from now on; empty: nothing is. */
  | { readonly type: 'unlock-key'; readonly key: string }
  /** It is out of the group for good, and ends by itself. */
  | { readonly type: 'removed' };

/** undefined: nothing that this release knows. */
export const wordOf = (message: unknown): ManagerWord | undefined => {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  const { type, message: text, key } = message as { readonly type: unknown; readonly message?: unknown; readonly key?: unknown };
  if (type === 'ready' || type === 'locked' || type === 'removed') return { type };
  if (type === 'failed') return { type, message: typeof text === 'string' ? text : 'it did not say why' };
  return type === 'unlock-key' && typeof key === 'string' ? { type, key } : undefined;
};
