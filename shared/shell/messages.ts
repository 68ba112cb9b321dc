import { z } from 'zod';

/**
 * What the shell and the station's process say to each other on the process's own channel.
 * Keys travel here, and never by environment or arguments, where other processes can read them.
 */

/** Matches an answer with its question. */
const id = z.number().int();

export const ShellMessage = z.discriminatedUnion('type', [
  /** Open the station on a data folder; the first message. */
  z.object({
    type: z.literal('start'),
    dataDir: z.string(),
    resourcesDir: z.string(),
    version: z.string(),
    /** A folder that is new becomes a training one. */
    training: z.boolean(),
    /** Whether the shell's keychain is a real one; without it the key file protects the data key. */
    keychain: z.boolean(),
  }),
  /** Serve the port that comes with this message. */
  z.object({ type: z.literal('serve') }),
  z.object({ type: z.literal('ping'), id }),
  z.object({ type: z.literal('active-runs'), id }),
  /** The keychain's answer; null: it cannot. */
  z.object({ type: z.literal('key'), id, value: z.string().nullable() }),
  /** Finish what is under way, close and exit. */
  z.object({ type: z.literal('stop') }),
]);
export type ShellMessage = z.infer<typeof ShellMessage>;

export const ActiveRun = z.object({ title: z.string(), caseNumber: z.string() });
export type ActiveRun = z.infer<typeof ActiveRun>;

export const StationMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** The folder cannot be opened, and trying again would not help. */
  z.object({ type: z.literal('refused'), code: z.string(), message: z.string(), hint: z.string() }),
  z.object({ type: z.literal('pong'), id }),
  z.object({ type: z.literal('active-runs'), id, runs: z.array(ActiveRun) }),
  /** Wrap a data key (base64) for this station. */
  z.object({ type: z.literal('wrap'), id, key: z.string(), stationId: z.string() }),
  z.object({ type: z.literal('unwrap'), id, wrapped: z.string(), stationId: z.string() }),
]);
export type StationMessage = z.infer<typeof StationMessage>;
