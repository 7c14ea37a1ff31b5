import test from 'ava';
import fc from 'fast-check';
import { emptyPortTable, isEmptyPortTable, mergedPortTable, type PortTable, portTablePatch, portTableText } from './port-table.ts';

const web = (backends: string): PortTable => ({
  chains: new Map([['in-web-tcp', [`meta l4proto tcp dnat ip to ${backends} : tcp dport map @tcp_targets`]]]),
  sets: {
    published: new Map([['tcp . 80', 'goto in-web-tcp']]),
    tcp_targets: new Map([['80', '8000']]),
    held: new Map([['tcp . 80', '']]),
  },
});

test('one endpoint more touches one chain and nothing else', (t) => {
  t.deepEqual(portTablePatch('tso', web('10.0.0.2'), web('10.0.0.3')), [
    'flush chain inet tso in-web-tcp',
    'add rule inet tso in-web-tcp meta l4proto tcp dnat ip to 10.0.0.3 : tcp dport map @tcp_targets',
  ]);
  t.deepEqual(portTablePatch('tso', web('10.0.0.2'), web('10.0.0.2')), []);
});

test('what an element names is there before it and gone after it', (t) => {
  const come = portTablePatch('tso', emptyPortTable, web('10.0.0.2'));
  t.deepEqual(come, [
    'add chain inet tso in-web-tcp',
    'add rule inet tso in-web-tcp meta l4proto tcp dnat ip to 10.0.0.2 : tcp dport map @tcp_targets',
    'add element inet tso published { tcp . 80 : goto in-web-tcp }',
    'add element inet tso tcp_targets { 80 : 8000 }',
    'add element inet tso held { tcp . 80 }',
  ]);
  const gone = portTablePatch('tso', web('10.0.0.2'), emptyPortTable);
  t.is(gone[0], 'delete element inet tso published { tcp . 80 }');
  t.is(gone.at(-1), 'delete chain inet tso in-web-tcp');
});

test('a value that changes is taken out before it is put in', (t) => {
  const other: PortTable = { ...web('10.0.0.2'), sets: { ...web('10.0.0.2').sets, tcp_targets: new Map([['80', '8001']]) } };
  t.deepEqual(portTablePatch('tso', web('10.0.0.2'), other), [
    'delete element inet tso tcp_targets { 80 }',
    'add element inet tso tcp_targets { 80 : 8001 }',
  ]);
});

test('every set is declared, also an empty one, and no empty list of elements is written', (t) => {
  const text = portTableText(emptyPortTable);
  for (const name of ['published', 'published_at', 'held', 'held_at', 'tcp_targets', 'sctp_targets'])
    t.regex(text, new RegExp(`(map|set) ${name} \\{ type`));
  t.notRegex(text, /elements/);
  t.true(portTableText(web('10.0.0.2')).includes('elements = { tcp . 80 : goto in-web-tcp }; }'));
  t.true(isEmptyPortTable(emptyPortTable));
  t.false(isEmptyPortTable(web('10.0.0.2')));
  t.deepEqual(mergedPortTable(web('10.0.0.2'), emptyPortTable).chains, web('10.0.0.2').chains);
});

const part = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2', '3'));
const table = fc.record({ chains: part, held: part }).map(
  ({ chains, held }): PortTable => ({
    chains: new Map(Object.entries(chains).map(([name, rule]) => [name, [`rule ${rule}`]])),
    sets: { published: new Map(Object.keys(chains).map((name) => [name, `goto ${name}`])), tcp_targets: new Map(Object.entries(held)) },
  }),
);

/** What the kernel makes of the lines; throws where it would refuse one. */
const carriedOut = (
  before: PortTable,
  lines: readonly string[],
): { chains: Map<string, string[]>; sets: Map<string, Map<string, string>> } => {
  const chains = new Map([...before.chains].map(([name, rules]) => [name, [...rules]]));
  const sets = new Map(Object.entries(before.sets).map(([name, elements]) => [name, new Map(elements)]));
  for (const line of lines) {
    const [verb = '', what = '', , , name = ''] = line.split(' ');
    const rest = line.split(' ').slice(5).join(' ');
    if (what === 'chain' && verb === 'add' && !chains.has(name)) chains.set(name, []);
    if (what === 'chain' && verb === 'flush') chains.set(name, []);
    if (what === 'chain' && verb === 'delete') {
      if ([...(sets.get('published')?.values() ?? [])].includes(`goto ${name}`)) throw new Error(`${name} is in use`);
      chains.delete(name);
    }
    if (what === 'rule') chains.get(name)?.push(rest);
    if (what !== 'element') continue;
    for (const element of rest.replace(/^\{ | \}$/g, '').split(', ')) {
      const [key = '', value = ''] = element.split(' : ');
      const set = sets.get(name) ?? new Map<string, string>();
      sets.set(name, set);
      if (verb === 'delete' && !set.delete(key)) throw new Error(`${key} is not there`);
      if (verb === 'add' && set.has(key)) throw new Error(`${key} is there already`);
      if (verb === 'add' && value.startsWith('goto ') && !chains.has(value.slice(5))) throw new Error(`${value} leads nowhere`);
      if (verb === 'add') set.set(key, value);
    }
  }
  return { chains, sets };
};

test('any table becomes any other by its patch', (t) => {
  fc.assert(
    fc.property(table, table, (before, after) => {
      const made = carriedOut(before, portTablePatch('tso', before, after));
      t.deepEqual(
        new Map([...made.chains].toSorted()),
        new Map([...after.chains].map(([name, rules]) => [name, [...rules]] as const).toSorted()),
      );
      for (const [name, elements] of Object.entries(after.sets))
        t.deepEqual(new Map([...(made.sets.get(name) ?? [])].toSorted()), new Map([...elements].toSorted()));
    }),
  );
});
