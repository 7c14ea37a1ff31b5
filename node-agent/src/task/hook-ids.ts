/** What a hook before the start has of its own (container, root filesystem) is called by its task and its place, counted from 0. */
export const preStartId = (taskId: string, index: number): string => `${taskId}-pre-${index}`;

/** The task that a container belongs to: its own, or one of its hooks'. */
export const ownerOf = (containerId: string): string => containerId.replace(/-pre-\d+$/, '');
