import { z } from 'zod';
import { ProcedureFile } from './format.ts';

/** The JSON Schema that editors check and complete procedure files with, generated from the one zod schema. */
export function procedureJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(ProcedureFile, { io: 'input', target: 'draft-7', reused: 'inline' });
  return { ...schema, title: 'Procedure of Repairbench' };
}

/** Width of the repository's lines. */
const WIDTH = 110;

/** The schema as the file `resources/procedures/procedure.schema.json` holds it. */
export const procedureSchemaText = (): string => `${print(procedureJsonSchema(), 0, 0)}\n`;

/** JSON as the repository's formatter writes it: a list of plain values on one line where it fits. */
function print(value: unknown, depth: number, indent: number): string {
  const inner = '  '.repeat(depth + 1);
  const outer = '  '.repeat(depth);
  if (Array.isArray(value)) {
    const flat = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    const plain = value.every((item) => typeof item !== 'object' || item === null);
    if (value.length === 0 || (plain && indent + flat.length + 1 <= WIDTH)) return flat;
    return `[\n${value.map((item) => inner + print(item, depth + 1, inner.length)).join(',\n')}\n${outer}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 0) return '{}';
    const lines = entries.map(([key, item]) => {
      const head = `${inner}${JSON.stringify(key)}: `;
      return head + print(item, depth + 1, head.length);
    });
    return `{\n${lines.join(',\n')}\n${outer}}`;
  }
  return JSON.stringify(value);
}
