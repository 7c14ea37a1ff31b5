import { createInterface } from 'node:readline';
import type { IngressPort, NetworkAssignment } from '@tso/proto';
import { sentenceOf, toTsoError } from '@tso/proto';
import { createLogger, systemClock } from '@tso/proto/system';
import { defaultDataDir } from '../../paths.ts';
import { NodeNetworks } from '../networks.ts';
import type { TunnelTimes } from '../tunnels/plan.ts';
import type { NetworkSettings, PublishedPort, TaskNetworkPlan, Tunnels } from '../types.ts';

/**
 * The networks of one host behind lines of JSON, for the lab: it starts this in a host's namespaces and speaks for the rest of the agent.
 * Arguments: run directory, node id, path of resolv.conf, times of tunnels as JSON. In: `{"call": [method, ...arguments]}`; out: `{"ms", "value"}` or `{"code", "error"}`,
 * and `{"tunnelKeyChanged"}` whenever it did.
 */
type Call =
  | readonly ['start' | 'stop']
  | readonly ['configure', NetworkSettings]
  | readonly ['setNetworks', readonly NetworkAssignment[]]
  | readonly ['setMembers', NetworkAssignment]
  | readonly ['attach', TaskNetworkPlan]
  | readonly ['detach', string]
  | readonly ['reserve' | 'publish', readonly PublishedPort[]]
  | readonly ['setIngress', readonly IngressPort[]]
  | readonly ['setTunnels', Tunnels]
  | readonly ['troubles' | 'tunnelKey']
  | readonly ['collectGarbage', readonly string[]]
  | readonly ['hostGateways', TaskNetworkPlan]
  | readonly ['resolvConf', TaskNetworkPlan, { servers: string[]; search: string[]; options: string[] } | undefined];

/** Ports that are told again unchanged are the same objects, as the agent has them. */
const known = new Map<string, IngressPort>();
const steady = (call: Call): Call => {
  if (call[0] !== 'setIngress') return call;
  const ports = call[1].map((port) => {
    const text = JSON.stringify(port);
    const same = known.get(text) ?? port;
    known.set(text, same);
    return same;
  });
  return ['setIngress', ports];
};

const say = (message: unknown): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

const [runDir = '', nodeId = '', resolvConfPath = '/etc/resolv.conf', times = ''] = process.argv.slice(2);
const networks = new NodeNetworks(
  {
    paths: { dataDir: defaultDataDir, runDir },
    nodeId,
    resolvConfPath,
    ...(times === '' ? {} : { tunnelTimes: JSON.parse(times) as TunnelTimes }),
    onTunnelKey: () => say({ tunnelKeyChanged: true }),
  },
  { clock: systemClock, logger: createLogger('lab-networks', 'debug') },
);

const perform = (call: Call): Promise<unknown> => {
  switch (call[0]) {
    case 'start':
    case 'stop':
      return networks[call[0]]();
    case 'configure':
      return networks.configure(call[1]);
    case 'setNetworks':
      return networks.setNetworks(call[1]);
    case 'setMembers':
      return networks.setMembers(call[1]);
    case 'attach':
      return networks.attach(call[1]);
    case 'detach':
      return networks.detach(call[1]);
    case 'reserve':
    case 'publish':
      return networks[call[0]](call[1]);
    case 'setIngress':
      return networks.setIngress(call[1]);
    case 'setTunnels':
      return networks.setTunnels(call[1]);
    case 'tunnelKey':
      return networks.tunnelKey();
    case 'troubles':
      return Promise.resolve(networks.troubles);
    case 'hostGateways':
      return Promise.resolve(networks.hostGateways(call[1]));
    case 'collectGarbage':
      return networks.collectGarbage(new Set(call[1]));
    case 'resolvConf':
      return networks.resolvConf(call[1], call[2]);
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, call: said } = JSON.parse(line) as { readonly id: number; readonly call: Call };
  const call = steady(said);
  const begun = systemClock.monotonic();
  perform(call).then(
    (value) => say({ id, ms: systemClock.monotonic() - begun, value }),
    (error: unknown) => say({ id, code: toTsoError(error).code, error: sentenceOf(error) }),
  );
}
process.exit(0);
