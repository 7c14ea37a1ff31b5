// Arbitrary messages of every type, made from the .proto files themselves: a new field is tested the day it is added.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import type { Messages } from '../index.ts';

const packageDir = join(import.meta.dirname, '../..');

const loadRoot = (): protobuf.Root => {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) =>
    target.startsWith('google/')
      ? join(createRequire(import.meta.url).resolve('protobufjs/package.json'), '..', target)
      : join(packageDir, target);
  root.loadSync(
    readdirSync(join(packageDir, 'tso/v1'))
      .filter((file) => file.endsWith('.proto'))
      .map((file) => `tso/v1/${file}`),
  );
  root.resolveAll();
  return root;
};

const namespace = loadRoot().lookup('tso.v1') as protobuf.Namespace;

export const messageTypes = namespace.nestedArray.filter((it) => it instanceof protobuf.Type).map((type) => type.name as keyof Messages);

const scalar = (type: string): fc.Arbitrary<unknown> => {
  switch (type) {
    case 'bool':
      return fc.boolean();
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 12 });
    case 'bytes':
      return fc.uint8Array({ maxLength: 12 });
    case 'double':
      return fc.double({ noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value));
    case 'int32':
      return fc.integer();
    case 'uint32':
      return fc.nat({ max: 0xffff_ffff });
    case 'int64':
      return fc.maxSafeInteger();
    case 'uint64':
      return fc.maxSafeNat();
    default:
      throw new Error(`no arbitrary for ${type}: add one beside the others`);
  }
};

const single = (field: protobuf.Field): fc.Arbitrary<unknown> => {
  if (field.resolvedType instanceof protobuf.Type) return message(field.resolvedType);
  if (field.resolvedType instanceof protobuf.Enum) return fc.constantFrom(...Object.values(field.resolvedType.values));
  return scalar(field.type);
};

const fieldValue = (field: protobuf.Field): fc.Arbitrary<unknown> => {
  if (field instanceof protobuf.MapField)
    return fc.dictionary(
      fc.string({ maxLength: 6 }).filter((key) => key !== '__proto__'),
      single(field),
      { maxKeys: 2, noNullPrototype: true },
    );
  return field.repeated ? fc.array(single(field), { maxLength: 2 }) : single(field);
};

/** At most one of a oneof's fields; none of them is there unless set. */
const oneOf = (fields: readonly protobuf.Field[]): fc.Arbitrary<object> =>
  fc.option(fc.oneof(...fields.map((field) => fieldValue(field).map((value) => ({ [field.name]: value })))), { nil: {} });

const message = (type: protobuf.Type): fc.Arbitrary<object> => {
  const always = Object.fromEntries(
    type.fieldsArray.filter((field) => field.partOf === null).map((field) => [field.name, fieldValue(field)]),
  );
  const choices = type.oneofsArray.map((oneof) => oneOf(oneof.fieldsArray));
  return fc.tuple(fc.record(always), ...choices).map((parts) => Object.assign({}, ...parts) as object);
};

/** A whole, valid message of that type. */
export const arbitraryMessage = <T extends keyof Messages>(type: T): fc.Arbitrary<Messages[T]> =>
  message(namespace.lookupType(type)) as fc.Arbitrary<unknown> as fc.Arbitrary<Messages[T]>;
