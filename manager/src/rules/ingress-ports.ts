import type { ServiceSpec } from '@tso/proto';
import { PublishMode } from '@tso/proto';

/** Whether every node answers on a published port of the service, so that its tasks are on the ingress network. */
export const usesIngressPorts = ({ task, ports }: ServiceSpec): boolean =>
  task.networkMode === '' && ports.some(({ mode }) => mode === PublishMode.INGRESS);
