/** Rows of files: JSON lines, one JSON document, or Parquet as the Hugging Face hub stores data sets. */
import { parseExactJson } from '@hone/artifacts';
import { invalidArgument } from '@hone/errors';
import { MAX_DOCUMENT_BYTES, openFile, readLines, refuseOtherEncodings, textOf } from './lines.ts';
import { readParquet } from './parquet.ts';
import type { Row } from './row.ts';

/** The rows of a file, one at a time: .parquet, .json (an object or a list of them), else JSON lines, also .gz. */
export async function* readRows(file: string): AsyncGenerator<Row> {
  if (file.endsWith('.parquet')) {
    await (await openFile(file)).close();
    yield* readParquet(file);
  } else if (file.endsWith('.json')) yield* readDocument(file);
  else yield* readJsonLines(file);
}

/** The objects of a JSON-lines file, also .gz; blank lines are passed over. */
export async function* readJsonLines(file: string): AsyncGenerator<Row> {
  for await (const { text, location } of readLines(file)) {
    if (text.trim() !== '') yield { value: objectAt(location, parseJson(text, location)), location };
  }
}

async function* readDocument(file: string): AsyncGenerator<Row> {
  const document = parseJson(await readDocumentText(file), file);
  if (!Array.isArray(document)) yield { value: objectAt(file, document), location: file };
  else
    for (const [index, item] of (document as unknown[]).entries())
      yield { value: objectAt(`${file}[${index}]`, item), location: `${file}[${index}]` };
}

async function readDocumentText(file: string): Promise<string> {
  const handle = await openFile(file);
  try {
    if ((await handle.stat()).size > MAX_DOCUMENT_BYTES) {
      throw invalidArgument(file, `is larger than ${MAX_DOCUMENT_BYTES >> 20} MiB: write it as JSON lines`);
    }
    const bytes = await handle.readFile();
    refuseOtherEncodings(bytes, file);
    return textOf(bytes, file);
  } finally {
    await handle.close();
  }
}

function parseJson(text: string, location: string): unknown {
  try {
    return parseExactJson(text);
  } catch (thrown) {
    throw invalidArgument(location, `is not JSON: ${(thrown as Error).message}`, thrown);
  }
}

function objectAt(location: string, value: unknown): Row['value'] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row['value'];
  throw invalidArgument(location, 'must be a JSON object');
}
