import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { decode, encode } from '../codec.ts';
import type { Messages } from '../gen/types.ts';

/** One row of a service in gen/services.ts. */
export interface Method {
  readonly path: string;
  readonly kind: 'unary' | 'server-stream' | 'client-stream' | 'bidi';
  readonly request: keyof Messages;
  readonly response: keyof Messages;
  readonly roles: readonly string[];
}
export type Methods = Readonly<Record<string, Method>>;
export type RequestOf<M extends Method> = Messages[M['request']];
export type ResponseOf<M extends Method> = Messages[M['response']];

/** What grpc-js sends is a Buffer; the same memory as the encoding. */
const wireBytes = (type: keyof Messages, message: object): Buffer => {
  const { buffer, byteOffset, byteLength } = encode(type, message as never);
  return Buffer.from(buffer, byteOffset, byteLength);
};

const methodDefinition = (method: Method): MethodDefinition<object, object> => ({
  path: method.path,
  requestStream: method.kind === 'client-stream' || method.kind === 'bidi',
  responseStream: method.kind === 'server-stream' || method.kind === 'bidi',
  requestSerialize: (message) => wireBytes(method.request, message),
  requestDeserialize: (bytes) => decode(method.request, bytes),
  responseSerialize: (message) => wireBytes(method.response, message),
  responseDeserialize: (bytes) => decode(method.response, bytes),
});

/**
 * What a grpc-js server wants to know of a service. Requests stay bytes here: grpc-js calls whatever fails to decode
 * INTERNAL, so the server decodes in its own code and says INVALID_ARGUMENT.
 */
export const serverDefinition = (methods: Methods): ServiceDefinition =>
  Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [name, { ...methodDefinition(method), requestDeserialize: (bytes: Buffer) => bytes }]),
  );

/** What a grpc-js client wants to know of a service. */
export const serviceDefinition = (methods: Methods): ServiceDefinition =>
  Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, methodDefinition(method)]));

/** A message may not be larger: a task list of a large cluster fits, a run-away one is refused. */
export const maxMessageBytes = 64 * 1024 * 1024;
