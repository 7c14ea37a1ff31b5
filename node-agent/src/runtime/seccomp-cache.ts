import type { OciConfig } from './oci-spec.ts';

/** crun takes a compiled filter by this annotation instead of compiling the profile again (crun(1), run.oci.seccomp_bpf_data). */
const annotation = 'run.oci.seccomp_bpf_data';

/** Profiles kept; a host has one or two. */
const limit = 16;

/**
 * Compiling the default profile is half of what creating a container costs. crun leaves the compiled filter in the state of
 * each container, so the first one of a profile pays and the others take its filter. It lives as long as the agent, so a new
 * crun or libseccomp compiles anew after the restart that comes with it.
 */
export class SeccompCache {
  readonly #filters = new Map<string, string>();

  /** The configuration, with the filter that an earlier container of the same profile left. */
  apply(config: OciConfig): OciConfig {
    const filter = this.#filters.get(keyOf(config));
    return filter === undefined ? config : { ...config, annotations: { ...config.annotations, [annotation]: filter } };
  }

  /** @param filter what the runtime compiled for this configuration; undefined or empty: nothing to keep */
  learn(config: OciConfig, filter: Uint8Array | undefined): void {
    const key = keyOf(config);
    if (key === '' || filter === undefined || filter.length === 0 || this.#filters.has(key)) return;
    if (this.#filters.size >= limit) this.#filters.clear();
    this.#filters.set(key, Buffer.from(filter).toString('base64'));
  }
}

const keyOf = ({ linux }: OciConfig): string => (linux.seccomp === undefined ? '' : JSON.stringify(linux.seccomp));
