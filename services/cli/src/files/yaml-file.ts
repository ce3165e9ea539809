/** YAML files that a user writes: small, plain files, whose faults are told by file and line. */
import { readFileSync, statSync } from 'node:fs';
import { invalidArgument, notFound } from '@hone/errors';
import yaml from 'yaml';

/** Far more than anybody writes by hand. */
const MOST_BYTES = 1 << 20;

/** What a file states; `kind` is what errors call it, and `prepare` may change its text. */
export function readYamlFile(file: string, kind: string, prepare = (text: string): string => text): unknown {
  return parseYaml(prepare(readSmallFile(file, kind)), file);
}

function readSmallFile(file: string, kind: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw notFound(`${kind} ${file}`, 'check the path');
  // A pipe or a device may have no end, and reading it may wait for ever.
  if (!found.isFile()) throw invalidArgument(file, `must be a plain file, to be a ${kind}`);
  if (found.size > MOST_BYTES)
    throw invalidArgument(file, `must be at most ${MOST_BYTES} bytes, to be a ${kind}, but has ${found.size}`);
  return readFileSync(file, 'utf8');
}

function parseYaml(text: string, file: string): unknown {
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error) throw invalidArgument(file, error.message.split('\n')[0]!, error);
  try {
    return document.toJS();
  } catch (thrown) {
    // Aliases of aliases, each several times, would stand for more values than any memory holds; the parser counts them.
    if (!(thrown instanceof ReferenceError)) throw thrown;
    const { line } = lines.linePos(lastAlias(document));
    throw invalidArgument(file, `line ${line}: ${thrown.message}`, thrown);
  }
}

function lastAlias(document: yaml.Document): number {
  let offset = 0;
  yaml.visit(document, { Alias: (_, { range }) => void (offset = range?.[0] ?? offset) });
  return offset;
}
