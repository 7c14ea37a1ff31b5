import { createInterface } from 'node:readline';
import { type Endpoint, EndpointMode, emptyEndpoint, emptyNetworkAssignment, type ServiceOnNetwork } from '@tso/proto';
import { createLogger } from '@tso/proto/system';
import { DnsCounts } from '../dns-counts.ts';
import { nameTable } from '../dns-records.ts';
import { NameScope } from '../dns-scope.ts';
import { DnsServer } from '../dns-server.ts';

/**
 * A DNS server of the agent by itself, on a free port of 127.0.0.1, for measurements: 200 services with ten tasks each. Everyone who asks is the same
 * task. Prints its port; each line of input is answered with the microseconds of processor time that it has used, the end of input ends it.
 */
const services: readonly ServiceOnNetwork[] = Array.from({ length: 200 }, (_, index) => ({
  serviceId: `service-${index}`,
  name: `service-${index}`,
  stack: 'bench',
  mode: index % 2 === 0 ? EndpointMode.VIP : EndpointMode.DNSRR,
  vip: index % 2 === 0 ? `10.32.200.${index}` : '',
  vip6: index % 2 === 0 ? `fd00::c8:${index}` : '',
  names: [`service-${index}`, `alias-${index}`],
  affinity: false,
  ports: [],
}));

const endpoints: readonly Endpoint[] = Array.from({ length: 2_000 }, (_, index) => ({
  ...emptyEndpoint,
  taskId: `task-${index}`,
  serviceName: `service-${index % 200}`,
  stack: 'bench',
  address: `10.32.${index >> 8}.${index & 255}`,
  address6: `fd00::${index.toString(16)}`,
  names: [`service-${index % 200}-${index}`],
  serving: true,
}));

const network = { ...emptyNetworkAssignment, id: 'n', subnet: '10.32.0.0/16', subnet6: 'fd00::/64', services, endpoints };
const scope = new NameScope([nameTable(network)], { stack: 'bench', links: [{ service: 'service-0', alias: 'link' }] });
const server = new DnsServer(
  { address: '127.0.0.1', port: 0 },
  {
    logger: createLogger('bench-dns', 'warn'),
    counts: new DnsCounts(),
    askerOf: () => ({ taskId: 'task-0', scope }),
    askElsewhere: async () => undefined,
  },
);
await server.start();
console.log(server.port);
for await (const _ of createInterface({ input: process.stdin })) {
  const { user, system } = process.cpuUsage();
  console.log(user + system);
}
await server.stop();
