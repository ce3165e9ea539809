/** Rows of files: JSON lines, one JSON document, or Parquet as the Hugging Face hub stores data sets. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parseExactJson } from '@hone/artifacts';
import { dataLoss, invalidArgument, notFound } from '@hone/errors';
import { readParquet } from './parquet.ts';
import type { Choice } from './problem.ts';

/** A row of a file, with its place for messages. */
export interface Row {
  readonly value: Readonly<Record<string, unknown>>;
  /** "file:line". */
  readonly place: string;
}

/** The rows of a file, one at a time: .parquet, .json (an object or a list of them), else JSON lines, also .gz. */
export async function* readRows(file: string): AsyncGenerator<Row> {
  try {
    if (file.endsWith('.parquet')) yield* readParquet(file);
    else if (file.endsWith('.json')) yield* readDocument(file);
    else yield* readJsonLines(file);
  } catch (thrown) {
    throw readError(file, thrown);
  }
}

async function* readJsonLines(file: string): AsyncGenerator<Row> {
  let number = 0;
  for await (const line of readLines(file)) {
    number += 1;
    const place = `${file}:${number}`;
    if (line.trim() !== '') yield { value: objectAt(place, parseJson(line, place)), place };
  }
}

async function* readDocument(file: string): AsyncGenerator<Row> {
  const document = parseJson(await readFile(file, 'utf8'), file);
  if (!Array.isArray(document)) yield { value: objectAt(file, document), place: file };
  else
    for (const [index, item] of (document as unknown[]).entries())
      yield { value: objectAt(`${file}[${index}]`, item), place: `${file}[${index}]` };
}

async function* readLines(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  // The pipeline hands an error of the source on to the stream that is read.
  const stream = file.endsWith('.gz') ? pipeline(source, createGunzip(), () => undefined) : source;
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** What a failed read means to who gave the file. */
function readError(file: string, thrown: unknown): unknown {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === 'ENOENT') return notFound(`problem file ${file}`, 'check the path');
  if (code === 'EISDIR') return invalidArgument(file, 'must be a file, but is a folder', thrown);
  if (code === 'EACCES') return invalidArgument(file, 'may not be read; check its permissions', thrown);
  if (code?.startsWith('Z_')) return dataLoss(file, `is not sound gzip: ${(thrown as Error).message}`, thrown);
  return thrown;
}

function parseJson(text: string, place: string): unknown {
  try {
    // Editors on Windows begin files with a byte order mark, which JSON does not know.
    return parseExactJson(text.replace(/^\uFEFF/, ''));
  } catch (thrown) {
    throw invalidArgument(place, `is not JSON: ${(thrown as Error).message}`, thrown);
  }
}

function objectAt(place: string, value: unknown): Row['value'] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row['value'];
  throw invalidArgument(place, 'must be a JSON object');
}

/** A text or number of a row, as text; undefined where it is missing or blank. */
export function optionalText(row: Row, name: string): string | undefined {
  const value = row.value[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** The first of these fields that a row has. */
export function textField(row: Row, ...names: readonly string[]): string {
  for (const name of names) {
    const value = optionalText(row, name);
    if (value !== undefined) return value;
  }
  throw invalidArgument(row.place, `must have a text field ${names.map((name) => `"${name}"`).join(' or ')}`);
}

/** Options: 2 to 26 objects with label and text. */
export function readChoices(row: Row, list: unknown): Choice[] {
  const choices = Array.isArray(list) ? (list as Partial<Choice>[]) : [];
  const sound = choices.every(({ label, text }) => typeof label === 'string' && typeof text === 'string');
  if (!sound || choices.length < 2 || choices.length > 26)
    throw invalidArgument(row.place, 'choices must be 2 to 26 objects {"label", "text"}');
  return choices.map(({ label, text }) => ({ label: label!, text: text! }));
}
