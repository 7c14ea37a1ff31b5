import { TsoError } from '@tso/proto';
import {
  Ca,
  Control,
  Dispatcher,
  type Duplex,
  Health,
  Managers,
  type Method,
  type Methods,
  Raft,
  type RpcCallOptions,
  type RpcChannel,
} from '@tso/proto/rpc';

/** Every service that a manager has on the network, by name. */
export const services: Readonly<Record<string, Methods>> = { Control, Ca, Managers, Dispatcher, Raft, Health };

export interface Entry {
  readonly service: Methods;
  readonly key: string;
  readonly method: Method;
}

export const everyMethod: readonly Entry[] = Object.values(services).flatMap((service) =>
  Object.entries(service).map(([key, method]) => ({ service, key, method })),
);

export const methodsNotFor = (role: string): readonly Entry[] => everyMethod.filter(({ method }) => !method.roles.includes(role));

/** A request with nothing in it: the door looks at who asks, before at what is asked. */
const emptyRequest = {};

const firstReply = async (replies: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of replies) return;
};

const made = async (channel: RpcChannel, { service, key, method }: Entry): Promise<void> => {
  const options: RpcCallOptions = { deadlineMs: 5_000 };
  const client = channel.client(service) as Readonly<Record<string, unknown>>;
  switch (method.kind) {
    case 'unary':
      await (client[key] as (request: object, options: RpcCallOptions) => Promise<unknown>)(emptyRequest, options);
      return;
    case 'server-stream':
      await firstReply((client[key] as (request: object, options: RpcCallOptions) => AsyncIterable<unknown>)(emptyRequest, options));
      return;
    case 'client-stream':
    case 'bidi': {
      const call = (client[key] as (options: RpcCallOptions) => Duplex<object, unknown>)(options);
      call.end();
      await firstReply(call);
      return;
    }
    default:
      method.kind satisfies never;
  }
};

/** Calls it in whatever way it is called, and says how that ended: code and message, or `answered`. */
export const callOnce = async (channel: RpcChannel, entry: Entry): Promise<string> => {
  try {
    await made(channel, entry);
    return 'answered';
  } catch (error) {
    if (error instanceof TsoError) return `${error.code}: ${error.message}`;
    throw error;
  }
};
