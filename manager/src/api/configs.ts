import {
  type Config,
  type Expectation,
  emptyMeta,
  FileKind,
  type PutConfigReply,
  type PutConfigRequest,
  type RemoveConfigReply,
  type RemoveConfigRequest,
  TsoError,
} from '@tso/proto';
import type { CallContext, Control as ControlService, Handlers } from '@tso/proto/rpc';
import type { Proposer } from '../replication/proposer.ts';
import { removeAction } from '../store/kinds.ts';
import { callerOf } from './caller.ts';
import { fileMissing, fileProblem, fileRemovalProblem, listConfigs, otherVersion } from './file-rules.ts';
import type { Writes, WriteWish } from './writes.ts';

export interface ConfigsPorts {
  readonly proposer: Proposer;
  readonly writes: Writes;
  readonly write: WriteWish<'removeConfig'>;
}

type ConfigHandlers = Pick<Handlers<typeof ControlService>, 'putConfig' | 'getConfig' | 'listConfigs' | 'removeConfig'>;

const kind = FileKind.CONFIG_FILE;

/** The name is the id: two managers that make the same configuration at once make one, and the log alone says who was first. */
const expecting = (name: string, version: number | undefined): readonly Expectation[] =>
  version === undefined ? [] : [{ kind: 'config', id: name, version }];

/** The log's refusal of a change that was made for another version, in words; any other failure as it is. */
const inWords = async (proposer: Proposer, name: string, expected: number, error: unknown): Promise<unknown> => {
  if (!(error instanceof TsoError) || error.code !== 'CONFLICT') return error;
  const { actual } = error.details;
  if (error.details.kind !== 'config' || typeof actual !== 'number') return error;
  try {
    await proposer.fresh();
  } catch {
    // The refusal stands all the same, and may lack who was faster.
  }
  return otherVersion({ kind, name }, expected, actual, proposer.view.configByName(name));
};

/** Nothing is read before it is written: without an expected version no race can make it fail. One that a stack made stays its own. */
const put = async ({ writes, proposer }: ConfigsPorts, request: PutConfigRequest, context: CallContext): Promise<PutConfigReply> => {
  const { name, data, labels, expectedVersion } = request;
  const problem = fileProblem(kind, request);
  if (problem !== undefined) throw problem;
  const decided = {
    actions: [{ putConfig: { id: name, meta: emptyMeta, name, labels, data, stack: '', changedBy: callerOf(context).actor } }],
    expect: expecting(name, expectedVersion),
    reply: {},
  };
  try {
    return await writes.once({ context, method: 'putConfig', request, target: `config ${name}` }, () => decided, {
      isBlind: true,
      attempts: 1,
    });
  } catch (error) {
    throw expectedVersion === undefined ? error : await inWords(proposer, name, expectedVersion, error);
  }
};

const get = async ({ proposer }: ConfigsPorts, name: string): Promise<Config> => {
  await proposer.fresh();
  const config = proposer.view.configByName(name);
  if (config === undefined) throw fileMissing({ kind, name });
  return config;
};

const remove = async (
  { write, proposer }: ConfigsPorts,
  request: RemoveConfigRequest,
  context: CallContext,
): Promise<RemoveConfigReply> => {
  const { name, expectedVersion } = request;
  return write({ context, method: 'removeConfig', request, target: `config ${name}` }, () => {
    const problem = fileRemovalProblem(proposer.view, { kind, name }, expectedVersion);
    if (problem !== undefined) throw problem;
    return { actions: [removeAction('config', name)], reply: {} };
  });
};

/** Named pieces of configuration. A change is answered once it is durable and can be read, by the index of its log entry. */
export const configHandlers = (ports: ConfigsPorts): ConfigHandlers => ({
  putConfig: (request, context) => put(ports, request, context),
  getConfig: ({ name }) => get(ports, name),
  listConfigs: async () => {
    await ports.proposer.fresh();
    return listConfigs(ports.proposer.view);
  },
  removeConfig: (request, context) => remove(ports, request, context),
});
