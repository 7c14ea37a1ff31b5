import {
  awaitsDurability,
  describeEntries,
  describeMessage,
  describeSnapshot,
  type Message,
  type NodeId,
  type Ready,
} from '@tso/manager/raft-core';

/**
 * The work that one Ready leaves for the disk or the state machine of a node whose storage works beside it, in the form that the
 * field gives to it: a message to a thread, with the answers that leave once it is done.
 */
export interface Work {
  readonly ready: Ready;
  readonly text: string;
  readonly answers: readonly Answer[];
}

/** An answer of a thread: a message of the node, or its own word that the work is done. */
export type Answer = { readonly text: string; readonly message: Message } | { readonly text: string; readonly message: undefined };

const indented = (text: string): string => text.replace(/^/gm, '  ');

/** The work with its answers, as a Ready lists it. */
export const describeWork = ({ text, answers }: Work): string =>
  answers.length === 0 ? text : `${text} Responses:[\n${answers.map((answer) => `${indented(answer.text)}\n`).join('')}]`;

/** What is to be stored, or undefined. */
export const appendWork = (id: NodeId, ready: Ready): Work | undefined => {
  const { hardState, entries, snapshot, last, term } = ready;
  const waiting = ready.messages.filter(({ type }) => awaitsDurability(type));
  if (hardState === undefined && entries.length === 0 && snapshot === undefined && waiting.length === 0) return undefined;
  const withSnapshot = snapshot === undefined ? '' : `\n  Snapshot: ${describeSnapshot(snapshot)}`;
  const text = [
    `${id}->AppendThread MsgStorageAppend Term:${hardState?.term ?? 0} Log:0/0`,
    hardState?.commit ? ` Commit:${hardState.commit}` : '',
    hardState?.vote ? ` Vote:${hardState.vote}` : '',
    describeEntries(entries),
    withSnapshot,
  ].join('');
  const answers = waiting.map((message): Answer => ({ text: describeMessage(message), message }));
  if (last !== undefined || snapshot !== undefined) {
    const position = `${last?.term ?? 0}/${last?.index ?? 0}`;
    answers.push({ text: `AppendThread->${id} MsgStorageAppendResp Term:${term} Log:${position}${withSnapshot}`, message: undefined });
  }
  return { ready, text, answers };
};

/** What is to be applied, or undefined. */
export const applyWork = (id: NodeId, ready: Ready): Work | undefined => {
  if (ready.committedEntries.length === 0) return undefined;
  const entries = describeEntries(ready.committedEntries);
  return {
    ready,
    text: `${id}->ApplyThread MsgStorageApply Term:0 Log:0/0${entries}`,
    answers: [{ text: `ApplyThread->${id} MsgStorageApplyResp Term:0 Log:0/0${entries}`, message: undefined }],
  };
};
