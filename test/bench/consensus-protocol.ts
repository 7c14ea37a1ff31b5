// The same few calls at both stores, through the same gRPC client and with nothing between: bytes out, bytes in.
import { Client, type ClientOptions, credentials } from '@grpc/grpc-js';
import { decode, encode } from '@tso/proto';
import { Control } from '@tso/proto/rpc';
import protobuf from 'protobufjs';

export type StoreName = 'tso' | 'etcd';

/** A call as grpc-js takes it. */
interface Call<Request, Reply> {
  readonly path: string;
  readonly encode: (request: Request) => Buffer;
  readonly decode: (bytes: Buffer) => Reply;
}

export interface PutRequest {
  readonly key: string;
  readonly value: Uint8Array;
}

interface StoreProtocol {
  readonly put: Call<PutRequest, unknown>;
  /** A linearizable read: its answer is not older than its question. */
  readonly get: Call<string, unknown>;
}

// Field numbers of etcd's public API, version 3.4 (etcdserverpb, mvccpb); what is not read here is left out, and skipped when it comes.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Put { bytes key = 1; bytes value = 2; }
  message PutDone {}
  message Range { bytes key = 1; }
  message KeyValue { bytes key = 1; bytes value = 5; }
  message RangeDone { repeated KeyValue kvs = 2; int64 count = 4; }
`);
const put = root.lookupType('Put');
const putDone = root.lookupType('PutDone');
const range = root.lookupType('Range');
const rangeDone = root.lookupType('RangeDone');

const etcd: StoreProtocol = {
  put: {
    path: '/etcdserverpb.KV/Put',
    encode: ({ key, value }) => Buffer.from(put.encode({ key: Buffer.from(key), value }).finish()),
    decode: (bytes) => putDone.decode(bytes),
  },
  get: {
    path: '/etcdserverpb.KV/Range',
    encode: (key) => Buffer.from(range.encode({ key: Buffer.from(key) }).finish()),
    decode: (bytes) => rangeDone.decode(bytes),
  },
};

const tso: StoreProtocol = {
  put: {
    path: Control.putConfig.path,
    encode: ({ key, value }) => Buffer.from(encode('PutConfigRequest', { name: key, data: value, labels: {} })),
    decode: (bytes) => decode('PutConfigReply', bytes),
  },
  get: {
    path: Control.getConfig.path,
    encode: (key) => Buffer.from(encode('GetConfigRequest', { name: key })),
    decode: (bytes) => decode('Config', bytes),
  },
};

const protocols: Readonly<Record<StoreName, StoreProtocol>> = { tso, etcd };

const channelOptions: ClientOptions = {
  'grpc.enable_retries': 0,
  'grpc.initial_reconnect_backoff_ms': 20,
  'grpc.max_reconnect_backoff_ms': 100,
  'grpc.use_local_subchannel_pool': 1,
};

/** One connection to one member. */
export class StoreClient {
  readonly #client: Client;
  readonly #protocol: StoreProtocol;

  /** @param target `unix:/path` or host:port */
  constructor(store: StoreName, target: string) {
    this.#protocol = protocols[store];
    this.#client = new Client(target, credentials.createInsecure(), channelOptions);
  }

  put(key: string, value: Uint8Array, deadlineMs?: number): Promise<void> {
    return this.#call(this.#protocol.put, { key, value }, deadlineMs);
  }

  /** @throws when the key is not there, too */
  get(key: string, deadlineMs?: number): Promise<void> {
    return this.#call(this.#protocol.get, key, deadlineMs);
  }

  close(): void {
    this.#client.close();
  }

  #call<Request>(call: Call<Request, unknown>, request: Request, deadlineMs: number | undefined): Promise<void> {
    const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(call.path, call.encode, call.decode, request, options, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }
}
