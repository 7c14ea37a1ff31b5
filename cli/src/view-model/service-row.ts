import { EndpointMode, type NetworkView, PortProtocol, PublishMode, type ServiceView, UpdateState } from '@tso/proto';
import { autoscaleRow } from './autoscale-text.ts';
import { completedOf, isJob, modeText } from './job-text.ts';
import { scheduleRow } from './schedule-text.ts';

const lower = (names: Readonly<Record<string, number>>, value: number): string =>
  (Object.entries(names).find(([, one]) => one === value)?.[0] ?? String(value)).toLowerCase();

/** A service as `--format json` shows it. Field names are a contract. */
export const serviceRow = (view: ServiceView, nowMs: number): object => {
  const { service } = view;
  return {
    id: service.id,
    stack: service.stack,
    name: service.spec.name,
    mode: modeText(view),
    replicas: { desired: view.desired, running: view.running, healthy: view.healthy },
    // Of a job; null: the service is none.
    completed: isJob(view) ? completedOf(view) : null,
    schedule: scheduleRow(view, nowMs),
    autoscale: autoscaleRow(view),
    stopped: service.stopped,
    priority: service.spec.priority,
    image: service.spec.task.container.image,
    ports: service.ports.map((port) => ({
      published: port.published,
      target: port.target,
      protocol: lower(PortProtocol, port.protocol),
      mode: lower(PublishMode, port.mode),
      hostIp: port.hostIp,
      onlyLocal: port.onlyLocal,
    })),
    endpointMode: lower(EndpointMode, service.spec.endpointMode),
    affinity: service.spec.affinity,
    drainMs: service.spec.drainMs ?? null,
    updateStatus: {
      state: lower(UpdateState, service.update?.state ?? UpdateState.UPDATE_NONE).replace(/^update_/, ''),
      message: service.update?.message ?? '',
      // Whether it stands still because its own settings ask for it.
      wished: service.update?.wished ?? false,
    },
    version: service.meta.version,
  };
};

/** A virtual address, with the network that it is on. */
export interface VipRow {
  readonly network: string;
  readonly networkId: string;
  readonly address: string;
  readonly address6: string;
}

/** By the order of the service; a network that is not there any more is called by its id. */
export const vipRows = ({ service }: ServiceView, networks: readonly NetworkView[]): readonly VipRow[] =>
  service.vips.map(({ networkId, address, address6 }) => {
    const network = networks.find((view) => view.network.id === networkId)?.network.spec.name ?? networkId;
    return { network, networkId, address, address6 };
  });
