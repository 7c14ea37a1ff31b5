// Made by proto/scripts/generate.ts from tso/v1/*.proto. Do not edit.
import type { Reader, Writer } from 'protobufjs/minimal.js';
interface MessageType {
  encode(message: object, writer?: Writer): Writer;
  decode(reader: Reader | Uint8Array, length?: number): object;
  fromObject(object: object): object;
  toObject(message: object, options: object): object;
}
export const tso: { readonly v1: Readonly<Record<string, MessageType>> };
