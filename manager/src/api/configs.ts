import {
  type Clock,
  type Config,
  type Expectation,
  emptyMeta,
  type PutConfigReply,
  type PutConfigRequest,
  type RemoveConfigReply,
  type RemoveConfigRequest,
  type StoreAction,
  TsoError,
} from '@tso/proto';
import type { Control as ControlService, Handlers } from '@tso/proto/rpc';
import { limits } from '../limits.ts';
import type { Proposer } from '../replication/proposer.ts';
import { removeAction } from '../store/kinds.ts';
import { configMissing, configProblem, listConfigs, otherVersion } from './config-rules.ts';
import { invalid } from './validate-shared.ts';

export interface ConfigsPorts {
  readonly proposer: Proposer;
  readonly clock: Clock;
}

type ConfigHandlers = Pick<Handlers<typeof ControlService>, 'putConfig' | 'getConfig' | 'listConfigs' | 'removeConfig'>;

/** The name is the id: two managers that make the same configuration at once make one, and the log alone says who was first. */
const expecting = (name: string, version: number | undefined): readonly Expectation[] =>
  version === undefined ? [] : [{ kind: 'config', id: name, version }];

/** A conflict as the log tells it. */
interface Refusal {
  readonly error: TsoError;
  /** The version that is there; 0: none. */
  readonly actual: number;
}

/** Undefined: another failure. */
const refusalOf = (error: unknown): Refusal | undefined =>
  error instanceof TsoError && error.code === 'CONFLICT' && typeof error.details.actual === 'number'
    ? { error, actual: error.details.actual }
    : undefined;

const write = async ({ proposer, clock }: ConfigsPorts, action: StoreAction, expect: readonly Expectation[]): Promise<number> =>
  (await proposer.propose({ actions: [action], expect, atMs: clock.now(), origin: 'api' })).index;

/** Nothing is read before it is written: without an expected version no race can make it fail. */
const put = async (ports: ConfigsPorts, request: PutConfigRequest): Promise<PutConfigReply> => {
  const problem = configProblem(request);
  if (problem !== undefined) throw problem;
  const { name, data, labels, expectedVersion } = request;
  try {
    const version = await write(ports, { putConfig: { id: name, meta: emptyMeta, name, labels, data } }, expecting(name, expectedVersion));
    return { version };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined || expectedVersion === undefined) throw error;
    throw otherVersion(name, expectedVersion, refusal.actual, refusal.error);
  }
};

const get = async ({ proposer }: ConfigsPorts, name: string): Promise<Config> => {
  await proposer.fresh();
  const config = proposer.view.configByName(name);
  if (config === undefined) throw configMissing(name);
  return config;
};

const versionNow = async (ports: ConfigsPorts, name: string): Promise<number> => (await get(ports, name)).meta.version;

const remove = async (ports: ConfigsPorts, { name, expectedVersion }: RemoveConfigRequest): Promise<RemoveConfigReply> => {
  if (expectedVersion === 0)
    throw invalid(`config ${name} cannot be removed on condition that it does not exist`, 'Expect version 1 or more');
  for (let attempt = 1; ; attempt++) {
    const expected = expectedVersion ?? (await versionNow(ports, name));
    try {
      return { version: await write(ports, removeAction('config', name), expecting(name, expected)) };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      if (refusal.actual === 0) throw configMissing(name);
      if (expectedVersion !== undefined) throw otherVersion(name, expectedVersion, refusal.actual, refusal.error);
      if (attempt >= limits.conflictRetries) throw error;
    }
  }
};

/** Named pieces of configuration. A change is answered once it is durable and can be read, by the index of its log entry. */
export const configHandlers = (ports: ConfigsPorts): ConfigHandlers => ({
  putConfig: (request) => put(ports, request),
  getConfig: ({ name }) => get(ports, name),
  listConfigs: async () => {
    await ports.proposer.fresh();
    return listConfigs(ports.proposer.view);
  },
  removeConfig: (request) => remove(ports, request),
});
