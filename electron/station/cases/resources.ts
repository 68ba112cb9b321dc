import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { BenchError } from '../../../shared/errors/index.ts';
import { CauseCatalogue } from '../../../shared/model/cases.ts';
import { Policy, policyVersion } from '../../../shared/rma/policy.ts';

type Path = readonly PropertyKey[];

/**
 * Reads a YAML file and checks it against a schema. Throws `resource.invalid` with the line and column of
 * what is wrong, `input.file` when it cannot be read.
 */
function readResource<T>(path: string, schema: z.ZodType<T>): T {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BenchError('input.file', { path, detail: (cause as Error).message }, { cause });
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const invalid = (offset: number, detail: string) => {
    const { line, col } = lineCounter.linePos(offset);
    return new BenchError('resource.invalid', { path, line, column: col, detail });
  };
  const [problem] = document.errors;
  if (problem) throw invalid(problem.pos[0], problem.message);
  let content: unknown;
  try {
    content = document.toJS();
  } catch (cause) {
    throw invalid(0, (cause as Error).message);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = deepest(parsed.error.issues[0]);
  const detail = `${issue.path.join('.') || 'the file'}: ${issue.message}`;
  throw invalid(offsetOf(document, issue.path), detail);
}

interface Problem {
  readonly path: Path;
  readonly message: string;
}

/** The problem inside a union's closest member, which says more than “invalid input”. */
function deepest(issue: z.core.$ZodIssue | undefined): Problem {
  if (!issue) return { path: [], message: 'is not valid' };
  if (issue.code === 'unrecognized_keys') {
    return { path: [...issue.path, issue.keys[0] ?? ''], message: 'is not known here' };
  }
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.map((issues) => issues[0]).find((member) => (member?.path.length ?? 0) > 0);
    if (inner) return { path: [...issue.path, ...inner.path], message: inner.message };
  }
  return issue;
}

/** Where the value of a path starts; of its nearest parent when it is missing. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: Path): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    const range = (node as { range?: readonly [number, number, number] | null } | undefined)?.range;
    if (range) return range[0];
  }
  return 0;
}

const yamlFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name));

/** The policies that the program knows, in every version. */
export interface Policies {
  /** The newest version of each, the default first. */
  readonly current: readonly Policy[];
  /** By id, in its newest version; the default without an id. Throws `case.unknown-policy`. */
  newest(id?: string): Policy;
  /** As a case names it (`rugged@1`); null when that version is not here. */
  byVersion(version: string): Policy | null;
}

/** Loads `resources/policies`. Throws `resource.invalid`, and when not exactly one policy is the default. */
export function loadPolicies(folder: string): Policies {
  const all = yamlFiles(folder).map((path) => readResource(path, Policy));
  const byId = new Map<string, Policy>();
  for (const policy of all) {
    const known = byId.get(policy.id);
    if (!known || known.version < policy.version) byId.set(policy.id, policy);
  }
  const current = [...byId.values()].sort((a, b) => Number(b.default) - Number(a.default));
  if (current.filter((policy) => policy.default).length !== 1) {
    const detail = 'exactly one policy must be the default';
    throw new BenchError('resource.invalid', { path: folder, line: 1, column: 1, detail });
  }
  const byVersion = new Map(all.map((policy) => [policyVersion(policy), policy]));
  return {
    current,
    newest(id) {
      const policy = id === undefined ? current[0] : byId.get(id);
      if (policy) return policy;
      const known = current.map((entry) => entry.id).join(', ');
      throw new BenchError('case.unknown-policy', { policy: id ?? '', known });
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

/** Loads the newest cause catalogue of `resources/causes` (`catalogue-N.yaml`). Throws `resource.invalid`. */
export function loadCatalogue(folder: string): CauseCatalogue {
  const number = (path: string) => Number(/-(\d+)\.yaml$/.exec(path)?.[1] ?? 0);
  const newest = yamlFiles(folder)
    .sort((a, b) => number(a) - number(b))
    .at(-1);
  if (newest === undefined)
    throw new BenchError('input.file', { path: folder, detail: 'no catalogue in it' });
  return readResource(newest, CatalogueFile);
}
