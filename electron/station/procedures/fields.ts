import type { Path } from '../yaml/locate.ts';
import { procedureJsonSchema } from './json-schema.ts';

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly $ref?: string;
  readonly allOf?: readonly SchemaNode[];
  readonly definitions?: Readonly<Record<string, SchemaNode>>;
}

/** The names of the fields that the format knows at a path, for “did you mean …?”. */
export function fieldsAt(path: Path): readonly string[] {
  const root = procedureJsonSchema() as SchemaNode;
  const resolved = (node: SchemaNode | undefined): SchemaNode | undefined => {
    const reference = node?.$ref ?? node?.allOf?.[0]?.$ref;
    return reference === undefined ? node : root.definitions?.[reference.split('/').at(-1) ?? ''];
  };
  let node: SchemaNode | undefined = root;
  for (const step of path) {
    const other: SchemaNode | undefined =
      typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined;
    node = resolved(typeof step === 'number' ? node?.items : (node?.properties?.[String(step)] ?? other));
  }
  return Object.keys(node?.properties ?? {});
}
