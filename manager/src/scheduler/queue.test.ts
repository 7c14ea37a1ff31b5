import test from 'ava';
import fc from 'fast-check';
import { Tables } from '../store/tables.ts';
import { nodeNamed } from '../testing/specs.ts';
import { nodeInfo } from './node-info.ts';
import { RankedNodes } from './queue.ts';

test('the best comes out first', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 40 }), (ranks) => {
      const queue = new RankedNodes();
      const all = ranks.map((rank, at) => ({ rank, info: nodeInfo(new Tables(), nodeNamed(`n${String(at).padStart(2, '0')}`)) }));
      for (const one of all) queue.push(one);
      const sorted = all.toSorted((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || (a.info.node.id < b.info.node.id ? -1 : 1));
      return sorted.every((one) => queue.first === one && queue.pop() === one) && queue.pop() === undefined;
    }),
  );
  t.pass();
});
