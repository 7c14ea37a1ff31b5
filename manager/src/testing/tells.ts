/** Whether a text stands anywhere in a value: in a string, in bytes, in an error's message, hint or details. */
export const tells = (value: unknown, text: string): boolean => {
  if (typeof value === 'string') return value.includes(text);
  if (value instanceof Uint8Array) return Buffer.from(value).includes(text);
  if (value instanceof Error && tells([value.message, value.stack, value.cause], text)) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, part]) => key.includes(text) || tells(part, text));
};
