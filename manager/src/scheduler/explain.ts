/** Why one node does not fit, as it reads after a count: `1 lacks label disk=ssd`, `2 lack label disk=ssd`. */
export interface Rejection {
  readonly one: string;
  readonly many: string;
}

/** The same words for one node and for several. */
export const alike = (text: string): Rejection => ({ one: text, many: text });

/** 'no node fits (2 lack label disk=ssd, 1 drained)': most frequent reasons first. */
export const explain = (rejections: readonly Rejection[]): string => {
  if (rejections.length === 0) return 'no node fits (the cluster has none yet)';
  const groups = new Map<string, { readonly rejection: Rejection; count: number }>();
  for (const rejection of rejections) {
    const group = groups.get(rejection.many);
    if (group === undefined) groups.set(rejection.many, { rejection, count: 1 });
    else group.count += 1;
  }
  const parts = [...groups.values()]
    .sort((a, b) => b.count - a.count || (a.rejection.many < b.rejection.many ? -1 : 1))
    .map(({ rejection, count }) => `${count} ${count === 1 ? rejection.one : rejection.many}`);
  return `no node fits (${parts.join(', ')})`;
};
