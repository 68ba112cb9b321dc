import { z } from 'zod';
import { Id, Instant, text } from './common.ts';

/** What a person may do; the contract says of each call which role it needs. */
export const ROLES = ['technician', 'qa', 'manager', 'administrator', 'auditor'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  technician: 'Technician',
  qa: 'QA engineer',
  manager: 'Manager',
  administrator: 'Administrator',
  auditor: 'Auditor (reads only)',
};

/** The name a person signs in with; compared without regard to case. */
export const PersonName = text(60);
/** 4 to 64 digits or other printable characters; memory-hard hashed, never stored. */
export const Pin = z
  .string()
  .min(4, 'A PIN has at least 4 characters.')
  .max(64, 'A PIN has at most 64 characters.');

export const Person = z.object({
  id: Id,
  name: PersonName,
  role: Role,
  active: z.boolean(),
  createdAt: Instant,
  lastSignInAt: Instant.nullable(),
});
export type Person = z.infer<typeof Person>;

/** A signed-in person, as the window knows it. */
export const Session = z.object({
  token: z.string(),
  person: Person,
  expiresAt: Instant,
});
export type Session = z.infer<typeof Session>;
