import type { PortConfig, Service, StackSpec } from '@tso/proto';
import { TsoError } from '@tso/proto';
import { portsClash } from '../rules/port-clash.ts';
import { portText } from '../rules/words.ts';
import type { View } from '../store/view.ts';
import { type Absent, invalid } from './validate-shared.ts';
import { isOrphanOf } from './wish-parts.ts';

type Problems = Iterable<TsoError>;

interface Wish {
  readonly service: string;
  readonly port: PortConfig;
}

/** Ports that two services of the file publish, or one of them twice. */
const siblingProblems = function* (wishes: readonly Wish[]): Problems {
  for (const [index, { service, port }] of wishes.entries()) {
    for (const other of wishes.slice(0, index)) {
      const sameService =
        other.service === service && port.published !== 0 && portText(port) === portText(other.port) && port.hostIp === other.port.hostIp;
      if (!sameService && !portsClash(port, other.port)) continue;
      const who =
        other.service === service ? `service ${service} publishes it twice` : `services ${other.service} and ${service} both publish it`;
      yield invalid(`port ${portText(port)} is taken: ${who}`, 'Publish one of them on another port');
    }
  }
};

/** A number that was chosen for a port of the stack stays that port's as long as it asks for none. */
const chosenPortProblems = function* (view: View, spec: StackSpec): Problems {
  for (const holder of view.servicesOfStack(spec.name)) {
    const wishes = spec.services.find(({ name }) => name === holder.spec.name)?.ports ?? [];
    if (holder.removing) continue;
    const chosen = holder.ports.filter((held) =>
      wishes.some(
        (wish) => wish.published === 0 && wish.target === held.target && wish.protocol === held.protocol && wish.mode === held.mode,
      ),
    );
    for (const { name, ports } of spec.services) {
      const port = name === holder.spec.name ? undefined : ports.find((wish) => chosen.some((held) => portsClash(held, wish)));
      if (port === undefined) continue;
      yield new TsoError(
        'CONFLICT',
        `service ${name}: port ${portText(port)} is taken by service ${holder.spec.name}, for which it was chosen`,
        {
          hint: `Publish it on another port, or give ${holder.spec.name} a number too`,
          details: { port: port.published, holder: holder.spec.name },
        },
      );
    }
  }
};

/** Those it was granted, and those it asked for a moment ago, before any plan. */
const portsOf = (service: Service): readonly PortConfig[] => [...service.ports, ...service.spec.ports];

/** Who has the port, and what helps. */
type Held = 'orphan' | 'sibling' | 'stranger';

const heldTexts: Readonly<Record<Held, { readonly whose: (holder: Service) => string; readonly hint: string }>> = {
  orphan: {
    whose: ({ spec }) => `${spec.name}, which is still running though the file no longer has it`,
    hint: '--remove-orphans takes it down; or publish this one on another port',
  },
  sibling: {
    whose: ({ spec }) => `${spec.name}, which is not applied with it`,
    hint: 'Apply both, or publish this one on another port',
  },
  stranger: {
    whose: ({ spec, stack }) => `${spec.name} of stack ${stack}`,
    hint: 'Publish it on another port, or take that stack down',
  },
};

const takenBy = (holder: Service, { service, port }: Wish, held: Held): TsoError => {
  const { whose, hint } = heldTexts[held];
  return new TsoError('CONFLICT', `service ${service}: port ${portText(port)} is taken by service ${whose(holder)}`, {
    hint,
    details: { port: port.published, holder: `${holder.stack}_${holder.spec.name}` },
  });
};

/**
 * Ports that cannot be had, each with who has it: a sibling, a service of another stack, one that the spec does not have.
 */
export const portProblems = function* (view: View, spec: StackSpec, { removeOrphans, declared }: Absent): Problems {
  const wishes = spec.services.flatMap((service) => service.ports.map((port): Wish => ({ service: service.name, port })));
  yield* siblingProblems(wishes);
  yield* chosenPortProblems(view, spec);
  const names = new Set(spec.services.map(({ name }) => name));
  const isOrphan = isOrphanOf(spec, declared);
  const heldBy = (service: Service): Held => (service.stack !== spec.name ? 'stranger' : isOrphan(service) ? 'orphan' : 'sibling');
  const others = view
    .services()
    .filter((service) => !service.removing && (service.stack !== spec.name || !names.has(service.spec.name)))
    .filter((service) => !(removeOrphans && isOrphan(service)));
  for (const wish of wishes) {
    const holder = others.find((other) => portsOf(other).some((held) => portsClash(held, wish.port)));
    if (holder !== undefined) yield takenBy(holder, wish, heldBy(holder));
  }
};
