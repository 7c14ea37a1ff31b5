import { emptyMeta, encode } from '@tso/proto';
import type { CallContext } from '@tso/proto/rpc';
import test from 'ava';
import { readBackup } from '../backup/format.ts';
import { StoreMachine } from '../replication/store-machine.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { backupHandlers } from './backup.ts';

const cluster = { id: 'c1', meta: emptyMeta, addressPool: '10.0.0.0/8', subnetPrefix: 24, firstVni: 1, vxlanPort: 4789 };

const handlerOf = (machine: StoreMachine) => {
  let fresh = 0;
  const proposer = {
    view: machine.view,
    propose: () => Promise.reject(new Error('a backup changes nothing')),
    fresh: async () => {
      fresh += 1;
    },
    subscribe: () => {
      throw new Error('a backup watches nothing');
    },
  };
  const capture = () => ({ index: machine.view.index, contents: machine.capture() });
  const { backup } = backupHandlers({ proposer, clock: new ManualClock(), capture });
  return { bytes: () => dataOf(backup({}, {} as CallContext)), fresh: () => fresh };
};

const dataOf = async function* (parts: AsyncIterable<{ readonly data: Uint8Array }>): AsyncGenerator<Uint8Array> {
  for await (const { data } of parts) yield data;
};

test('a backup holds the store as of a moment that is not older than the call', async (t) => {
  const machine = new StoreMachine();
  machine.apply(3, encode('Transaction', { actions: [{ putCluster: cluster }], expect: [], atMs: 1, origin: 'test' }));
  const { bytes, fresh } = handlerOf(machine);
  const { header, contents } = await readBackup(bytes());
  t.like(header, { clusterId: 'c1', index: 3 });
  const copy = new StoreMachine();
  await copy.restore(header.index, contents);
  t.is(copy.view.cluster()?.addressPool, '10.0.0.0/8');
  t.is(fresh(), 1);
});

test('without a cluster there is nothing to back up', async (t) => {
  await t.throwsAsync(readBackup(handlerOf(new StoreMachine()).bytes()), { code: 'FAILED_PRECONDITION', message: /no cluster yet/ });
});
