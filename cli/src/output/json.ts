/** The one JSON document that `--format json` prints. */
export const jsonDocument = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** An instant as contracts show it; null for "not yet" (0). */
export const isoInstant = (atMs: number): string | null => (atMs > 0 ? new Date(atMs).toISOString() : null);
