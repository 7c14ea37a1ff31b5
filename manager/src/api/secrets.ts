import {
  emptyMeta,
  FileKind,
  type PutSecretReply,
  type PutSecretRequest,
  type RemoveSecretReply,
  type RemoveSecretRequest,
  type SecretView,
} from '@tso/proto';
import type { CallContext, Control as ControlService, Handlers } from '@tso/proto/rpc';
import type { Proposer } from '../replication/proposer.ts';
import { usersByFile } from '../rules/files.ts';
import { sameData } from '../store/equal.ts';
import { removeAction } from '../store/kinds.ts';
import { callerOf } from './caller.ts';
import { fileMissing, fileProblem, fileRemovalProblem, listSecrets, otherVersion, ownedByStack, secretView } from './file-rules.ts';
import type { Writes, WriteWish } from './writes.ts';

export interface SecretsPorts {
  readonly proposer: Proposer;
  readonly writes: Writes;
  readonly write: WriteWish<'removeSecret'>;
}

type SecretHandlers = Pick<Handlers<typeof ControlService>, 'putSecret' | 'getSecret' | 'listSecrets' | 'removeSecret'>;

const kind = FileKind.SECRET_FILE;

/** Putting what is there already changes nothing. CONFLICT: another version than expected; FAILED_PRECONDITION: it is a stack's own. */
const put = ({ writes, proposer }: SecretsPorts, request: PutSecretRequest, context: CallContext): Promise<PutSecretReply> => {
  const { name, data, labels, expectedVersion } = request;
  const problem = fileProblem(kind, request);
  if (problem !== undefined) throw problem;
  return writes.once({ context, method: 'putSecret', request, target: `secret ${name}` }, () => {
    const { view } = proposer;
    const there = view.secretByName(name);
    const version = there?.meta.version ?? 0;
    if (expectedVersion !== undefined && expectedVersion !== version) throw otherVersion({ kind, name }, expectedVersion, version, there);
    const refusal = ownedByStack(view, { kind, name });
    if (refusal !== undefined) throw refusal;
    if (there?.stack === '' && sameData(there.data, data) && sameData(there.labels, labels)) return { actions: [], reply: {} };
    const meta = there?.meta ?? emptyMeta;
    return {
      actions: [{ putSecret: { id: name, meta, name, labels, data, stack: '', changedBy: callerOf(context).actor } }],
      reply: {},
    };
  });
};

const get = async ({ proposer }: SecretsPorts, name: string): Promise<SecretView> => {
  await proposer.fresh();
  const secret = proposer.view.secretByName(name);
  if (secret === undefined) throw fileMissing({ kind, name });
  return secretView(secret, usersByFile(proposer.view));
};

const remove = async (
  { write, proposer }: SecretsPorts,
  request: RemoveSecretRequest,
  context: CallContext,
): Promise<RemoveSecretReply> => {
  const { name, expectedVersion } = request;
  return write({ context, method: 'removeSecret', request, target: `secret ${name}` }, () => {
    const problem = fileRemovalProblem(proposer.view, { kind, name }, expectedVersion);
    if (problem !== undefined) throw problem;
    return { actions: [removeAction('secret', name)], reply: {} };
  });
};

/** Named secrets. They go in and come out only as files of containers: what is answered has everything but what they hold. */
export const secretHandlers = (ports: SecretsPorts): SecretHandlers => ({
  putSecret: async (request, context) => put(ports, request, context),
  getSecret: ({ name }) => get(ports, name),
  listSecrets: async () => {
    await ports.proposer.fresh();
    return listSecrets(ports.proposer.view);
  },
  removeSecret: (request, context) => remove(ports, request, context),
});
