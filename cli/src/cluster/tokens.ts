import { type JoinTokens, type ManagerAddress, NodeRole } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { withCluster } from '../control-client.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonDocument } from '../output/json.ts';
import { ownNodeIdIfAny } from './nodes.ts';

/** The manager that is named to joiners: this host's own where it is one, since whoever types here knows that it can be reached. */
const addressFor = (managers: readonly ManagerAddress[], ownId: string): string =>
  (managers.find(({ nodeId }) => nodeId === ownId) ?? managers[0])?.address ?? 'HOST:2478';

export const joinCommand = (token: string, managers: readonly ManagerAddress[], ownId: string): string =>
  `tso join --token ${token} ${addressFor(managers, ownId)}`;

/** `tso token worker|manager`. */
export const showToken = async (call: Call<{ readonly rotate?: boolean }>, role: 'worker' | 'manager'): Promise<number> => {
  const { io, options, context, json } = call;
  const nodeRole = role === 'manager' ? NodeRole.MANAGER : NodeRole.WORKER;
  const tokens = await withCluster(
    context,
    io.uid,
    ({ ca }): Promise<JoinTokens> => (options.rotate ? ca.rotateJoinToken({ role: nodeRole }) : ca.getJoinTokens({})),
  );
  const token = tokens[role];
  if (options.rotate && !options.quiet && !json)
    io.stderr.write(`The token for ${role}s is another now; the old one is refused. Who has joined stays.\n`);
  if (options.quiet && !json) {
    io.stdout.write(`${token}\n`);
    return exitCodes.done;
  }
  const command = joinCommand(token, tokens.managers, await ownNodeIdIfAny(call));
  if (json) io.stdout.write(jsonDocument({ role, token, joinCommand: command, managers: tokens.managers }));
  else {
    io.stderr.write(`To add a ${role}, run this on the other host as root:\n`);
    io.stdout.write(`${command}\n`);
  }
  return exitCodes.done;
};
