import type { LineCounter, Node, Pair } from 'yaml';
import type { z } from 'zod';

/** A file of configuration, parsed: what it says, and where. */
export type ParsedFile = {
  readonly file: string;
  readonly content: unknown;
  /** The line of a value, or of the nearest thing around it; from 1. */
  readonly lineOf: (path: readonly PropertyKey[]) => number;
};

/** Aliases beyond that are an attack, or nothing that a person wrote. */
const maxAliases = 1_000;

/** YAML, or JSON, which is YAML as well. @returns why it is neither, a line each: `FILE:LINE: what` */
export async function parseFile(file: string, text: string): Promise<ParsedFile | readonly string[]> {
  // Loaded here: no other command needs it.
  const { LineCounter, parseDocument, isAlias, isMap, isPair, isScalar, isSeq } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    return document.errors.map(
      ({ pos: [at], code, message }) =>
        `${file}:${lineAt(lines, at)}: ${code === 'MULTIPLE_DOCS' ? 'must be one document, with no --- inside' : message}`,
    );
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: maxAliases });
  } catch (error) {
    return [`${file}:1: ${error instanceof Error ? error.message : String(error)}`];
  }

  const startOf = (path: readonly PropertyKey[]): number => {
    let at: unknown = document.contents;
    let start = rangeStart(at) ?? 0;
    for (const name of path) {
      const node = isAlias(at) ? at.resolve(document) : at;
      if (isMap(node)) {
        const pair: Pair | undefined = node.items.find(
          ({ key }) => isScalar(key) && String(key.value) === String(name),
        );
        if (!isPair(pair)) break;
        start = rangeStart(pair.key) ?? start;
        at = pair.value;
      } else if (isSeq(node)) {
        at = node.items[Number(name)];
        start = rangeStart(at) ?? start;
      } else break;
    }
    return start;
  };
  return { file, content, lineOf: (path) => lineAt(lines, startOf(path)) };
}

function rangeStart(node: unknown): number | undefined {
  return isRanged(node) ? node.range?.[0] : undefined;
}

function isRanged(node: unknown): node is Pick<Node, 'range'> {
  return typeof node === 'object' && node !== null && 'range' in node;
}

function lineAt(lines: LineCounter, offset: number): number {
  return Math.max(1, lines.linePos(offset).line);
}

/** What is wrong in a file, a line each: `FILE:LINE: field: what would be right`. Of a field's faults the first. */
export function issuesIn({ file, lineOf }: ParsedFile, error: z.ZodError): string[] {
  const issues = new Map<string, string>();
  for (const issue of error.issues) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    for (const key of keys) {
      const path = [...issue.path, ...(key === undefined ? [] : [key])];
      const name = path.map(String).join('.');
      const text = `${file}:${lineOf(path)}: ${name === '' ? '' : `${name}: `}${issue.message}`;
      if (!issues.has(name)) issues.set(name, text);
    }
  }
  return [...issues.values()];
}
