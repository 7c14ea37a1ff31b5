import test from 'ava';
import { encodeConfChange } from './conf-change.ts';
import { describeEntry, describeMessage, describeReady, quoteBytes } from './describe.ts';
import { type Entry, emptyConfState, message, noBytes } from './messages.ts';
import type { Ready } from './ready.ts';

const command = (index: number, text: string): Entry => ({ type: 'EntryNormal', term: 1, index, data: new TextEncoder().encode(text) });

test('an entry is term, index, type and what it carries', (t) => {
  t.is(describeEntry(command(12, 'prop')), '1/12 EntryNormal "prop"');
  t.is(describeEntry(command(3, '')), '1/3 EntryNormal ""');
  const steps = [
    { kind: 'add-voter', id: 4 },
    { kind: 'add-learner', id: 5 },
    { kind: 'remove', id: 2 },
  ] as const;
  const data = encodeConfChange({ transition: 'auto', steps });
  t.is(describeEntry({ type: 'EntryConfChangeV2', term: 2, index: 7, data }), '2/7 EntryConfChangeV2 v4 l5 r2');
  t.is(describeEntry({ type: 'EntryConfChangeV2', term: 2, index: 8, data: noBytes }), '2/8 EntryConfChangeV2');
});

test('bytes are quoted so that every one of them can be seen', (t) => {
  t.is(quoteBytes(new TextEncoder().encode('a"b\\c\nd\u0001é')), String.raw`"a\"b\\c\nd\x01é"`);
  t.is(quoteBytes(new Uint8Array([0xff, 0x41, 0x0a])), String.raw`"\xffA\n"`);
});

test('a message names what its type uses', (t) => {
  const append = message('MsgApp', { from: 1, to: 2, term: 1, logTerm: 1, index: 11, commit: 11, entries: [command(12, 'prop')] });
  t.is(describeMessage(append), '1->2 MsgApp Term:1 Log:1/11 Commit:11 Entries:[1/12 EntryNormal "prop"]');
  const rejection = message('MsgAppResp', { from: 3, to: 1, term: 1, logTerm: 1, index: 10, reject: true, rejectHint: 5 });
  t.is(describeMessage(rejection), '3->1 MsgAppResp Term:1 Log:1/10 Rejected (Hint: 5)');
  const snapshot = { index: 4, term: 1, confState: { ...emptyConfState, voters: [1, 2] }, data: noBytes };
  t.is(
    describeMessage(message('MsgSnap', { from: 1, to: 11, term: 1, snapshot })),
    '1->b MsgSnap Term:1 Log:0/0\n  Snapshot: Index:4 Term:1 ConfState:Voters:[1 2] VotersOutgoing:[] Learners:[] LearnersNext:[] AutoLeave:false',
  );
});

test('several entries take a line each', (t) => {
  const append = message('MsgApp', { from: 1, to: 2, term: 1, entries: [command(1, 'a'), command(2, 'b')] });
  t.is(describeMessage(append), '1->2 MsgApp Term:1 Log:0/0 Entries:[\n  1/1 EntryNormal "a"\n  1/2 EntryNormal "b"\n]');
});

test('a Ready lists its parts in the order in which they are done', (t) => {
  const empty: Ready = {
    term: 1,
    last: undefined,
    softState: undefined,
    hardState: undefined,
    readStates: [],
    entries: [],
    snapshot: undefined,
    committedEntries: [],
    messages: [],
    mustSync: false,
  };
  t.is(describeReady(empty), '<empty Ready>');
  const full: Ready = {
    ...empty,
    softState: { lead: 1, role: 'leader' },
    hardState: { term: 2, vote: 1, commit: 3 },
    readStates: [{ index: 3, context: 'r' }],
    entries: [command(4, 'a')],
    committedEntries: [command(3, '')],
    messages: [message('MsgHeartbeat', { from: 1, to: 2, term: 2 })],
    mustSync: true,
  };
  t.is(
    describeReady(full),
    [
      'Ready MustSync=true:',
      'Lead:1 State:StateLeader',
      'HardState Term:2 Vote:1 Commit:3',
      'ReadStates [{3 r}]',
      'Entries:',
      '1/4 EntryNormal "a"',
      'CommittedEntries:',
      '1/3 EntryNormal ""',
      'Messages:',
      '1->2 MsgHeartbeat Term:2 Log:0/0',
      '',
    ].join('\n'),
  );
});
