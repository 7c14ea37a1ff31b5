import { type Mutant, patch } from './mutant.ts';

const handOut = 'transport.send(ready.messages.filter(({ type }) => !awaitsDurability(type)));';

/** Rules of the driver and the disk, left out one at a time; run with both as they are otherwise. */
export const roomMutants: readonly Mutant[] = [
  {
    name: 'driver-promises-early',
    kind: 'io',
    bug: 'votes and acknowledgements leave before the disk has what they promise',
    patches: [patch('driver.ts', handOut, 'transport.send(ready.messages);')],
  },
  {
    name: 'driver-switches-early',
    kind: 'io',
    bug: 'a change of members takes effect before it is known on disk to be committed',
    patches: [
      patch(
        'driver.ts',
        'const early = ready.snapshot === undefined && !ready.committedEntries.some(({ type }) => isConfChange(type));',
        "const early = ready.snapshot === undefined || isConfChange('EntryNormal');",
      ),
    ],
  },
  {
    name: 'driver-answers-by-index',
    kind: 'io',
    focus: 'elections',
    bug: 'whoever proposed is told of what stands at the index, whichever command it is',
    patches: [patch('pending-commands.ts', 'if (waiting.term === term) waiting', 'if (waiting.term > 0) waiting')],
  },
  {
    name: 'driver-forwards-again',
    kind: 'io',
    bug: 'a command that may have been taken is handed to the leader again',
    patches: [
      patch(
        'requests.ts',
        "error.code === 'UNAVAILABLE' && outcomeOf(error) === 'refused';",
        "(error.code === 'UNAVAILABLE' || outcomeOf(error) === 'refused');",
      ),
    ],
  },
  {
    name: 'driver-reads-at-once',
    kind: 'io',
    bug: 'a read is answered before the state has what the leader said',
    patches: [patch('requests.ts', '    await this.#whenApplied(index, deadlineTick);\n  }', '    await Promise.resolve(index);\n  }')],
  },
  {
    name: 'driver-takes-unknown-for-refused',
    kind: 'io',
    bug: 'commands in the log of a node that gives up are said to be refused',
    patches: [patch('requests.ts', 'this.#commands.failAll(unknown);', 'this.#commands.failAll(refused);')],
  },
  {
    name: 'disk-syncs-no-segment',
    kind: 'io',
    bug: 'what is written to a segment is not synced',
    patches: [patch('disk/segment.ts', "files.open(temporary, 'create-durable')", "files.open(temporary, 'create')")],
  },
  {
    name: 'disk-keeps-torn-tail',
    kind: 'io',
    focus: 'even',
    bug: 'any frame that does not read is taken for a write that a crash tore',
    patches: [
      patch('disk/tail.ts', "return { kind: 'damaged', why: `${what} is all there,", "return { kind: 'torn', why: `${what} is all there,"),
    ],
  },
];
