import type { Attribute } from './attribute.ts';
import { buildAttributes } from './build.ts';
import { connectionAttributes } from './connection.ts';
import { deployAttributes } from './deploy.ts';
import { isolationAttributes } from './isolation.ts';
import { processAttributes } from './process.ts';
import { fileAttributes, modelAttributes, networkAttributes, topAttributes, volumeAttributes } from './top-level.ts';

/**
 * Every attribute of the Compose Specification and what becomes of it: read when a file is loaded, and printed as the table of
 * docs/compose.md. One that is missing here is refused, so that none can be dropped in silence; a test holds it against the schema.
 */

/** One part of the table, in the order of the page. */
export interface Section {
  readonly title: string;
  readonly attributes: readonly Attribute[];
}

export const sections: readonly Section[] = [
  { title: 'Top of a file', attributes: topAttributes },
  { title: 'Services: process and life', attributes: processAttributes },
  { title: 'Services: connections and files', attributes: connectionAttributes },
  { title: 'Services: isolation and resources', attributes: isolationAttributes },
  { title: 'Services: deploy', attributes: deployAttributes },
  { title: 'Services: build', attributes: buildAttributes },
  { title: 'Networks', attributes: networkAttributes },
  { title: 'Volumes', attributes: volumeAttributes },
  { title: 'Configs and secrets', attributes: fileAttributes },
  { title: 'Models', attributes: modelAttributes },
];

/** Each attribute once, in the order of the sections. */
export const catalogue: readonly Attribute[] = sections.flatMap(({ attributes }) => attributes);

/** A place in a file: what is said of it, and what may stand below. */
export interface CatalogueNode {
  readonly attribute?: Attribute;
  readonly below: ReadonlyMap<string, CatalogueNode>;
}

interface Growing {
  attribute?: Attribute;
  readonly below: Map<string, Growing>;
}

/** `services.*.ports[].target` as steps: services, *, ports, [], target. */
export const stepsOf = (path: string): readonly string[] => path.replaceAll('[]', '.[]').split('.');

let grown: CatalogueNode | undefined;

/** The catalogue by place, from the top of a file; made once, and only for those who read a compose file. */
export const catalogueTree = (): CatalogueNode => {
  if (grown !== undefined) return grown;
  const top: Growing = { below: new Map() };
  for (const attribute of catalogue) {
    let node = top;
    for (const step of stepsOf(attribute.path)) {
      const next: Growing = node.below.get(step) ?? { below: new Map() };
      node.below.set(step, next);
      node = next;
    }
    node.attribute = attribute;
  }
  grown = top;
  return top;
};
