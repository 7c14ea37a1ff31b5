import type { Platform } from '@tso/proto';
import { isDigest, TsoError } from '@tso/proto';
import { normalisePlatform } from './platform.ts';
import type { ImageConfig } from './types.ts';
import { jsonArray, jsonKeys, jsonObject, jsonRecord, jsonString, jsonStrings, parseJson } from './untrusted-json.ts';

/** What an image's configuration blob says (OCI image-spec config.md). */
export interface ConfigBlob {
  readonly platform: Platform;
  /** 0 when it does not say, or says it unreadably. */
  readonly createdAtMs: number;
  readonly config: ImageConfig;
  /** Lowest first. */
  readonly diffIds: readonly string[];
}

export const emptyConfig: ImageConfig = {
  entrypoint: [],
  command: [],
  env: [],
  workingDir: '',
  user: '',
  volumes: [],
  exposedPorts: [],
  stopSignal: '',
  labels: {},
};

const readRunConfig = (value: unknown, what: string): ImageConfig => {
  if (value === undefined || value === null) return emptyConfig;
  const object = jsonObject(value, what);
  return {
    entrypoint: jsonStrings(object.Entrypoint, `${what}.Entrypoint`),
    command: jsonStrings(object.Cmd, `${what}.Cmd`),
    env: jsonStrings(object.Env, `${what}.Env`),
    workingDir: jsonString(object.WorkingDir, `${what}.WorkingDir`, ''),
    user: jsonString(object.User, `${what}.User`, ''),
    volumes: jsonKeys(object.Volumes, `${what}.Volumes`),
    exposedPorts: jsonKeys(object.ExposedPorts, `${what}.ExposedPorts`),
    stopSignal: jsonString(object.StopSignal, `${what}.StopSignal`, ''),
    labels: jsonRecord(object.Labels, `${what}.Labels`),
  };
};

const instant = (text: string): number => {
  // Date.parse reads a text and asks no clock: this stays a pure function.
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? 0 : atMs;
};

/** Reads a configuration blob. DATA_LOSS names the wrong field. */
export const parseConfig = (bytes: Uint8Array, what: string): ConfigBlob => {
  const object = jsonObject(parseJson(bytes, what), what);
  const rootfs = jsonObject(object.rootfs, `${what}.rootfs`);
  const diffIds = jsonArray(rootfs.diff_ids ?? [], `${what}.rootfs.diff_ids`, 10_000).map((item, n) => {
    const id = jsonString(item, `${what}.rootfs.diff_ids[${n}]`);
    if (!isDigest(id)) throw new TsoError('DATA_LOSS', `${what}.rootfs.diff_ids[${n}] is not a sha256 digest`);
    return id;
  });
  const text = (key: string): string => jsonString(object[key], `${what}.${key}`, '');
  return {
    platform: normalisePlatform({ os: text('os') || 'linux', architecture: text('architecture'), variant: text('variant') }),
    createdAtMs: instant(text('created')),
    config: readRunConfig(object.config, `${what}.config`),
    diffIds,
  };
};

const set = (keys: readonly string[]): object => Object.fromEntries(keys.map((key) => [key, {}]));

/** The bytes of a configuration blob of our own making. `created` is RFC 3339. */
export const encodeConfig = (blob: {
  readonly platform: Platform;
  readonly created: string;
  readonly config: ImageConfig;
  readonly diffIds: readonly string[];
  readonly comment: string;
}): Uint8Array => {
  const { config, platform } = blob;
  const value = {
    created: blob.created,
    architecture: platform.architecture,
    ...(platform.variant === '' ? {} : { variant: platform.variant }),
    os: platform.os,
    config: {
      ...(config.user === '' ? {} : { User: config.user }),
      ...(config.exposedPorts.length === 0 ? {} : { ExposedPorts: set(config.exposedPorts) }),
      ...(config.env.length === 0 ? {} : { Env: config.env }),
      ...(config.entrypoint.length === 0 ? {} : { Entrypoint: config.entrypoint }),
      ...(config.command.length === 0 ? {} : { Cmd: config.command }),
      ...(config.volumes.length === 0 ? {} : { Volumes: set(config.volumes) }),
      ...(config.workingDir === '' ? {} : { WorkingDir: config.workingDir }),
      ...(Object.keys(config.labels).length === 0 ? {} : { Labels: config.labels }),
      ...(config.stopSignal === '' ? {} : { StopSignal: config.stopSignal }),
    },
    rootfs: { type: 'layers', diff_ids: blob.diffIds },
    history: blob.diffIds.map(() => ({ created: blob.created, comment: blob.comment })),
  };
  return new TextEncoder().encode(JSON.stringify(value));
};
