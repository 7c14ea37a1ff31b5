import { NodeState, type NodeView, portTroubleOf } from '@tso/proto';

/** A service whose published ports a node does not answer, since a program there has them. */
export interface UnansweredPort {
  readonly service: string;
  readonly hostname: string;
  readonly why: string;
}

export interface UnansweredPorts {
  /** By service, then node. */
  readonly ports: readonly UnansweredPort[];
  /** One that no ready node answers for: nobody reaches it from outside. */
  readonly nowhere: UnansweredPort | undefined;
}

/** What nodes tell of the published ports of these services of a stack. */
export const unansweredPorts = (stack: string, services: readonly string[], views: readonly NodeView[]): UnansweredPorts => {
  const nodes = views.flatMap(({ node }) => (node.state === NodeState.NODE_READY ? [node] : []));
  const found = services.map((service) =>
    nodes.flatMap(({ description }) => {
      const why = description.troubles.map((trouble) => portTroubleOf(`${stack}_${service}`, trouble)).find((one) => one !== undefined);
      return why === undefined ? [] : [{ service, hostname: description.hostname, why }];
    }),
  );
  return { ports: found.flat(), nowhere: found.find((ports) => ports.length > 0 && ports.length === nodes.length)?.[0] };
};
