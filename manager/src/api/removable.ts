import { type Service, TsoError } from '@tso/proto';
import { namedIn, sharedKinds } from '../rules/shared-namespaces.ts';
import type { View } from '../store/view.ts';

/** What another service needs of this one, in words; undefined: nothing. */
const needOf = (other: Service, service: Service): string | undefined => {
  const isSameStack = other.stack === service.stack;
  if (isSameStack && other.spec.dependsOn.some((each) => each.required && each.service === service.spec.name)) return 'depends on it';
  const { containerName } = service.spec.task.container;
  const shares = sharedKinds(other.spec).some(({ mode }) => {
    const named = namedIn(mode);
    if (named?.by === 'service') return isSameStack && named.name === service.spec.name;
    return named !== undefined && named.name === containerName;
  });
  return shares ? 'shares its network, processes or IPC' : undefined;
};

/** FAILED_PRECONDITION: one of the services is needed by another that stays. */
export const checkRemovable = (view: View, services: readonly Service[]): void => {
  const going = new Set(services.map(({ id }) => id));
  const staying = view.services().filter(({ id, removing }) => !removing && !going.has(id));
  for (const service of services) {
    for (const other of staying) {
      const need = needOf(other, service);
      if (need === undefined) continue;
      const who = other.stack === service.stack ? other.spec.name : `${other.spec.name} of stack ${other.stack}`;
      throw new TsoError('FAILED_PRECONDITION', `service ${service.spec.name} cannot be removed: ${who} ${need}`, {
        hint: `Remove ${who} as well, or change it first`,
        details: { outcome: 'refused' },
      });
    }
  }
};
