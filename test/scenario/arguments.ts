import type { NodeId } from '@tso/manager/raft-core';
import type { Argument } from './scenario-file.ts';

/** A command that the runner cannot carry out as it stands: the file is wrong, not the core. */
export class BadCommand extends Error {
  override readonly name = 'BadCommand';
}

/** Errors: BadCommand that says what should have been a whole number. */
export const wholeNumber = (text: string | undefined, what: string): number => {
  if (text === undefined || text === '') throw new BadCommand(`${what} is missing`);
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new BadCommand(`${what} must be a whole number, not ${text}`);
  return value;
};

/** The words without a value, as node ids. */
export const bareIds = (args: readonly Argument[]): readonly NodeId[] =>
  args.filter(({ values }) => values.length === 0).map(({ key }) => wholeNumber(key, 'a node id'));

export const firstId = (args: readonly Argument[], what = 'the node id'): number => wholeNumber(args[0]?.key, what);

/** Exactly two node ids, as the commands about a node and its peer take them. */
export const twoIds = (args: readonly Argument[]): readonly [NodeId, NodeId] => {
  const [id, peer, ...rest] = bareIds(args);
  if (id === undefined || peer === undefined || rest.length > 0) throw new BadCommand('it takes exactly two node ids');
  return [id, peer];
};

export const argumentNamed = (args: readonly Argument[], key: string): string | undefined => args.find((arg) => arg.key === key)?.values[0];

/** Errors: BadCommand for anything but true and false in their usual forms. */
export const flag = (text: string | undefined, what: string): boolean => {
  if (['true', '1', 't'].includes(text ?? '')) return true;
  if (text === undefined || ['false', '0', 'f'].includes(text)) return false;
  throw new BadCommand(`${what} must be true or false, not ${text}`);
};
