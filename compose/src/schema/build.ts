/** Small words to write JSON schemas with. Unions of types stand in one schema, so each mistake gives exactly one error. */

export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema | boolean>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
}

export const text: Schema = { type: 'string' };
/** A number, or text that may become one once variables are put in. */
export const number: Schema = { type: ['number', 'string'] };
export const integer: Schema = { type: ['integer', 'string'] };
export const boolean: Schema = { type: ['boolean', 'string'] };
/** `512m` or a number of bytes. */
export const bytes: Schema = { type: ['string', 'integer'] };
export const duration: Schema = { type: 'string' };
/** Text, a number or a boolean, taken as text. */
export const scalar: Schema = { type: ['string', 'number', 'boolean'] };
export const scalarOrNull: Schema = { type: ['string', 'number', 'boolean', 'null'] };

export const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
export const listOf = (items: Schema): Schema => ({ type: 'array', items });
export const texts: Schema = listOf(text);
/** One text or a list of them. */
export const textOrList: Schema = { type: ['string', 'array'], items: text };
/** A command: text that is split into words, a list of words, or null for the image's own. */
export const command: Schema = { type: ['string', 'array', 'null'], items: text };
/** `KEY=VALUE` items or a mapping. */
export const listOrMap: Schema = { type: ['array', 'object'], items: scalar, additionalProperties: scalarOrNull };

export interface ObjectOptions {
  readonly required?: readonly string[];
  /** Other types that may stand in the mapping's place. */
  readonly or?: readonly string[];
  /** For `or: ['array']`: what a list there holds. */
  readonly items?: Schema;
}

/** A mapping with exactly these keys and any `x-` key. */
export const object = (properties: Readonly<Record<string, Schema>>, options: ObjectOptions = {}): Schema => ({
  type: ['object', ...(options.or ?? [])],
  properties,
  patternProperties: { '^x-': true },
  additionalProperties: false,
  ...(options.required === undefined ? {} : { required: options.required }),
  ...(options.items === undefined ? {} : { items: options.items }),
});

/** A mapping from names to one kind of thing. */
export const namesTo = (value: Schema, pattern = '^[a-zA-Z0-9._-]+$', or: readonly string[] = []): Schema => ({
  type: ['object', ...or],
  patternProperties: { [pattern]: value, '^x-': true },
  additionalProperties: false,
});
/** A mapping from any key. */
export const anyKeyTo = (value: Schema, or: readonly string[] = []): Schema => ({ type: ['object', ...or], additionalProperties: value });
