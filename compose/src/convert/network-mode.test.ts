import test from 'ava';
import { specOf } from '../testing/memory-files.ts';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const pair = (a: string, b: string): string => `services:\n  a: {image: i, ${a}}\n  b: {image: i, ${b}}\n`;
const modeOf = (text: string, name: string): string => serviceOf(text, name).task.networkMode;

test('host and none leave a service without networks', (t) => {
  for (const mode of ['host', 'none']) {
    const { task } = serviceOf(oneService(`network_mode: ${mode}`));
    t.is(task.networkMode, mode);
    t.deepEqual(task.networks, []);
  }
});

test('bridge is a network of the stack that each node has for itself, which is told', (t) => {
  const text = oneService('network_mode: bridge');
  t.is(serviceOf(text).task.networkMode, '');
  t.deepEqual(
    specOf(text).networks.map(({ name, driver }) => [name, driver]),
    [['project_bridge', 'bridge']],
  );
  t.regex(toldOf(text).join(), /W401 network_mode: bridge joins a network that each node has for itself/);
});

test('the network of another service or of its container is shared, and whoever shares it waits for that', (t) => {
  const byService = pair('network_mode: service:b', 'init: true');
  const byContainer = pair('network_mode: container:boxed', 'container_name: boxed');
  for (const text of [byService, byContainer]) {
    t.is(modeOf(text, 'a'), 'service:b');
    t.deepEqual(serviceOf(text, 'a').task.networks, []);
    t.like(serviceOf(text, 'a').dependsOn, [{ service: 'b', condition: 'service_started' }]);
  }
});

test('who shares with a sharer shares with the one that has a network', (t) => {
  const chain = `${pair('network_mode: service:b', 'network_mode: service:c')}  c: {image: i}\n`;
  t.is(modeOf(chain, 'a'), 'service:c');
  t.is(modeOf(chain, 'b'), 'service:c');
  t.is(modeOf(pair('network_mode: service:b', 'network_mode: host'), 'a'), 'host');
});

test('sharing in a circle, with nobody, or between global and replicated services is refused', (t) => {
  t.regex(toldOf(pair('network_mode: service:b', 'network_mode: service:a')).join(), /E302/);
  t.regex(toldOf(pair('network_mode: container:c2, container_name: c1', 'network_mode: container:c1, container_name: c2')).join(), /E302/);
  t.regex(toldOf(oneService('network_mode: service:nobody')).join(), /E301/);
  t.regex(toldOf(oneService('network_mode: container:nobody')).join(), /E401 .*no service here has that container_name/);
  t.regex(toldOf(pair('network_mode: service:b', 'deploy: {mode: global}')).join(), /E303 .*one of them is global/);
  t.regex(toldOf(oneService('network_mode: ns:/proc/1/ns/net')).join(), /E401/);
});

test('what would be said of a namespace that is not its own is refused', (t) => {
  t.regex(toldOf(oneService('network_mode: host\nports: ["80:80"]')).join(), /E303 service web has network_mode: host, so ports/);
  for (const said of ['ports: ["80:80"]', 'hostname: x', 'dns: 1.1.1.1', 'extra_hosts: ["a:1.2.3.4"]', 'links: [b]', 'expose: [80]'])
    t.regex(toldOf(pair(`network_mode: "service:b", ${said}`, 'init: true')).join(), /E303 service a has network_mode: service:b/, said);
  t.regex(toldOf(oneService('network_mode: host\nnetworks: [n]', 'networks: {n: {}}\n')).join(), /E303 .*mutually exclusive/);
});
