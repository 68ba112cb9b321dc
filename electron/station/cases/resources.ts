import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BenchError, toBenchError } from '../../../shared/errors/index.ts';
import { CauseCatalogue } from '../../../shared/model/cases.ts';
import { Policy, policyVersion } from '../../../shared/rma/policy.ts';
import type { Path, Place } from '../yaml/locate.ts';
import { readYaml } from '../yaml/read.ts';

/**
 * Reads a YAML file and checks it against a schema. Throws `resource.invalid` with the line and column of
 * what is wrong, `input.file` when it cannot be read.
 */
function readResource<T>(path: string, schema: z.ZodType<T>): T {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new BenchError('input.file', { path, detail: (cause as Error).message }, { cause });
  }
  const invalid = ({ line, column }: Place, detail: string) =>
    new BenchError('resource.invalid', { path, line, column, detail: detail.replace(/\.$/, '') });
  const read = readYaml(bytes);
  if (!read.ok) {
    const [first = { line: 1, column: 1, message: 'The file cannot be read' }] = read.mistakes;
    throw invalid(first, first.message);
  }
  const parsed = schema.safeParse(read.value);
  if (parsed.success) return parsed.data;
  const issue = deepest(parsed.error.issues[0]);
  const detail = `${issue.path.join('.') || 'the file'}: ${issue.message}`;
  throw invalid(read.placeOf(issue.path, issue.aim), detail);
}

interface Problem {
  readonly path: Path;
  readonly message: string;
  readonly aim?: 'key';
}

/** The problem inside a union's closest member, which says more than “invalid input”. */
function deepest(issue: z.core.$ZodIssue | undefined): Problem {
  if (!issue) return { path: [], message: 'is not valid' };
  if (issue.code === 'unrecognized_keys') {
    return { path: [...issue.path, issue.keys[0] ?? ''], message: 'is not known here', aim: 'key' };
  }
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.map((issues) => issues[0]).find((member) => (member?.path.length ?? 0) > 0);
    if (inner) return { path: [...issue.path, ...inner.path], message: inner.message };
  }
  return issue;
}

/** The files of a folder that can be used; what is wrong with the others hides none of these. */
function readAll<T>(
  folder: string,
  schema: z.ZodType<T>,
): readonly { path: string; content: T }[] & Problems {
  const problems: BenchError[] = [];
  const read: { path: string; content: T }[] = [];
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      problems.push(toBenchError(error));
    }
  };
  attempt(() => {
    for (const path of yamlFiles(folder)) {
      attempt(() => read.push({ path, content: readResource(path, schema) }));
    }
  });
  return Object.assign(read, { problems });
}

function yamlFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .sort()
      .map((name) => join(folder, name));
  } catch (cause) {
    throw new BenchError('input.file', { path: folder, detail: (cause as Error).message }, { cause });
  }
}

interface Problems {
  /** What is wrong with files that were left out, for the program's log and the doctor. */
  readonly problems: readonly BenchError[];
}

/** The policies that the program knows, in every version. */
export interface Policies extends Problems {
  /** The newest version of each, the default first. */
  readonly current: readonly Policy[];
  /**
   * By id, in its newest version; the default without an id. Throws `case.unknown-policy`,
   * `case.no-default-policy`.
   */
  newest(id?: string): Policy;
  /** As a case names it (`rugged@1`); null when that version is not here. */
  byVersion(version: string): Policy | null;
}

/** Loads `resources/policies`. A file that is wrong is left out and named among the problems. */
export function loadPolicies(folder: string): Policies {
  const files = readAll(folder, Policy);
  const problems = [...files.problems];
  const byId = new Map<string, Policy>();
  for (const { content: policy } of files) {
    const known = byId.get(policy.id);
    if (!known || known.version < policy.version) byId.set(policy.id, policy);
  }
  const current = [...byId.values()].sort((a, b) => Number(b.default) - Number(a.default));
  const defaults = current.filter((policy) => policy.default);
  if (defaults.length !== 1) {
    const detail = 'exactly one policy must be the default';
    problems.push(new BenchError('resource.invalid', { path: folder, line: 1, column: 1, detail }));
  }
  const byVersion = new Map(files.map(({ content }) => [policyVersion(content), content]));
  return {
    current,
    problems,
    newest(id) {
      const known = current.map((entry) => entry.id).join(', ');
      const [own, ...others] = id === undefined ? defaults : current.filter((entry) => entry.id === id);
      // Which of two defaults was meant is nobody's to guess.
      if (own && others.length === 0) return own;
      if (id === undefined) throw new BenchError('case.no-default-policy', { known });
      throw new BenchError('case.unknown-policy', { policy: id, known });
    },
    byVersion: (version) => byVersion.get(version) ?? null,
  };
}

const CatalogueFile = z.strictObject({
  version: z.string().min(1),
  codes: z
    .array(
      CauseCatalogue.shape.codes.element
        .extend({ code: z.string().regex(/^[A-Z]{2}(\.[A-Z0-9-]+){2}$/, 'like HW.BATTERY.CAPACITY') })
        .strict(),
    )
    .min(1)
    .superRefine((codes, context) => {
      const seen = new Set<string>();
      codes.forEach(({ code }, index) => {
        if (seen.has(code)) {
          context.addIssue({ code: 'custom', path: [index, 'code'], message: `${code} is there twice` });
        }
        seen.add(code);
      });
    }),
});

/**
 * Loads the newest cause catalogue of `resources/causes` (`catalogue-N.yaml`) that can be used; an empty one when
 * none can. What is wrong with others is named among the problems.
 */
export function loadCatalogue(folder: string): Problems & { readonly catalogue: CauseCatalogue } {
  const number = (path: string) => Number(/-(\d+)\.yaml$/.exec(path)?.[1] ?? 0);
  const files = readAll(folder, CatalogueFile);
  const newest = [...files].sort((a, b) => number(a.path) - number(b.path)).at(-1);
  const problems = [...files.problems];
  if (!newest && problems.length === 0) {
    problems.push(new BenchError('input.file', { path: folder, detail: 'no catalogue in it' }));
  }
  return { catalogue: newest?.content ?? { version: 'none', codes: [] }, problems };
}
