/** What people and programs read: lines, tables, and one JSON document. */
import { prose, wrap } from './text.ts';
import { columnsOf } from './width.ts';

/**
 * Where a command writes. With `json` its result is the one document on stdout and everything else goes to stderr. Lines for people are
 * broken between words where the terminal ends.
 */
export class Output {
  constructor(readonly json: boolean) {}

  /** A line for people. */
  line(text = ''): void {
    const stream = this.json ? process.stderr : process.stdout;
    stream.write(`${wrap(text, columnsOf(stream))}\n`);
  }

  /** Paragraphs for people. */
  paragraphs(text: string): void {
    const stream = this.json ? process.stderr : process.stdout;
    stream.write(`${prose(text, columnsOf(stream))}\n`);
  }

  /** The command's result: `text` for people, `document` for programs. Where lines mean something, as in Markdown, they are kept. */
  result(document: unknown, text: () => string, { keepLines = false } = {}): void {
    if (this.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    else if (keepLines) process.stdout.write(`${text()}\n`);
    else this.line(text());
  }
}
