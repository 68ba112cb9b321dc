import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Family, Identity } from '../../shared/model/units.ts';
import { mountOnPty, mountOnTcp } from './mount.ts';
import { registerRack } from './registry.ts';
import type { FaultName, Mount, UnitCore } from './unit.ts';
import { UNITS } from './units.ts';

export interface RackUnitSpec {
  readonly family: Family;
  /** Which unit of the family; by default they are counted from 1. */
  readonly number?: number;
  readonly over?: 'pty' | 'tcp';
  /** A unit made by the caller instead of the rack's own. */
  readonly core?: UnitCore;
}

export interface RackUnit {
  readonly family: Family;
  /** The path or `tcp:` address that a bench opens; stays the same across unplugging. */
  readonly address: string;
  readonly identity: Identity;
  setFault(name: FaultName, on: boolean): void;
}

export interface Rack {
  readonly units: readonly RackUnit[];
  close(): Promise<void>;
}

export interface RackOptions {
  readonly units: readonly RackUnitSpec[];
  /** Where the links to the units are made; by default a private folder of this process. */
  readonly link?: string;
}

/**
 * Starts virtual units on PTYs (or TCP ports of this machine) and registers them as virtual. Every unit is
 * its own; the rack knows no data folder and no station.
 */
export async function startRack(options: RackOptions): Promise<Rack> {
  const registry = registerRack();
  const linkDir = options.link ?? registry.linkDir;
  const mounts: { mount: Mount; core: UnitCore }[] = [];
  // A PTY is registered before its link is made, so that no bench finds it unmarked; at that moment its mount
  // is only being made, so links are named beforehand.
  const links: string[] = [];
  const register = (extra: readonly string[] = []) =>
    registry.set([...links, ...extra, ...mounts.flatMap(({ mount }) => mount.aliases())]);
  const counts = new Map<Family, number>();
  async function mountUnit(core: UnitCore, spec: RackUnitSpec, number: number): Promise<Mount> {
    if (spec.over === 'tcp') return mountOnTcp(core);
    const link = join(linkDir, `${spec.family}-${number}`);
    links.push(link);
    return mountOnPty(core, link, (pty) => register(pty));
  }
  try {
    mkdirSync(linkDir, { recursive: true });
    for (const spec of options.units) {
      const number = spec.number ?? (counts.get(spec.family) ?? 0) + 1;
      counts.set(spec.family, number);
      const core = spec.core ?? UNITS[spec.family](number);
      try {
        mounts.push({ core, mount: await mountUnit(core, spec, number) });
      } catch (error) {
        await core.close();
        throw error;
      }
      register();
    }
  } catch (error) {
    await closeAll();
    throw error;
  }

  async function closeAll(): Promise<void> {
    await Promise.all(mounts.map(({ mount }) => mount.close()));
    registry.remove();
  }

  return {
    units: mounts.map(({ mount, core }) => ({
      family: core.family,
      address: mount.address,
      identity: core.identity,
      setFault: mount.setFault,
    })),
    close: closeAll,
  };
}
