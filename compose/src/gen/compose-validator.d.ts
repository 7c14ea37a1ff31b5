// Goes with compose-validator.js, which compose/scripts/generate.ts makes.
/** One mistake; `instancePath` is a JSON pointer. */
export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}
/** True when the value has the shape of a compose file; else `errors` says what is wrong, until the next call. */
export const validate: ((value: unknown) => boolean) & { readonly errors?: readonly SchemaError[] | null };
