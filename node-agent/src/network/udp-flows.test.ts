import test from 'ava';
import { liveRules, udpFlowChains, udpFlowProbe, withoutMovedFlows } from './udp-flows.ts';

test('a flow that leads to a serving task stays, any other is moved', (t) => {
  t.deepEqual(liveRules(['10.40.0.3', '10.40.0.4']), ['ct reply ip saddr { 10.40.0.3, 10.40.0.4 } return', 'jump move_flow']);
  t.deepEqual(liveRules([]), ['jump move_flow']);
});

test('flows of clients outside and of the host are looked at before anything is translated', (t) => {
  const text = udpFlowChains(true);
  for (const hook of ['prerouting', 'output']) {
    t.true(text.includes(`type filter hook ${hook} priority -300`));
    t.true(text.includes(`type filter hook ${hook} priority -150`));
  }
  t.is(text.match(/map moved_flows/g)?.length, 1);
  t.true(udpFlowProbe().includes(text));
});

test('where the kernel cannot do it, lanes lead to a chain that does nothing', (t) => {
  t.regex(udpFlowChains(false), /^ {2}chain move_flow \{\n {2}\}\n$/);
});

test('flows that were moved are no change of the table', (t) => {
  const head =
    'table inet tso {\n\tmap moved_flows {\n\t\ttypeof ip saddr . udp sport . udp dport : ct zone\n\t\tsize 65536\n\t\tflags dynamic,timeout\n\t\ttimeout 3m';
  const rest = '\n\t}\n\tset held {\n\t\telements = { tcp . 80 }\n\t}\n}\n';
  const elements = '\n\t\telements = { 10.0.0.1 . 5000 . 53 : 4711,\n\t\t\t     10.0.0.2 . 5000 . 53 : 4712 }';
  t.is(withoutMovedFlows(`${head}${elements}${rest}`), `${head}${rest}`);
  t.is(withoutMovedFlows(`${head}${rest}`), `${head}${rest}`);
});
