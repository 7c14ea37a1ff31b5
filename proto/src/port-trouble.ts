/**
 * How a node says among its troubles that it does not answer on a published port, so that who publishes it can find that again.
 * @param service `stack_service`
 */
export const portTrouble = (service: string, why: string): string => `service ${service} is not answered on this node: ${why}`;

/** Why the node does not answer on a port of that service; undefined: the trouble is another. */
export const portTroubleOf = (service: string, trouble: string): string | undefined => {
  const beginning = portTrouble(service, '');
  return trouble.startsWith(beginning) ? trouble.slice(beginning.length) : undefined;
};
