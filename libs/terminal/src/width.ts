/** How wide output may be, and how wide texts are: in columns of a terminal, in which some characters take two and others none. */
import { stripVTControlCharacters } from 'node:util';

/** What of a stream decides its width. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Narrower than this nothing can be laid out. */
const LEAST_COLUMNS = 20;
const USUAL_COLUMNS = 80;

/** The columns that output has: COLUMNS, else the terminal's; without end where it goes to a file or a pipe. */
export function columnsOf(screen: Screen = process.stdout, variables: NodeJS.ProcessEnv = process.env): number {
  const asked = Number(variables['COLUMNS']);
  if (Number.isInteger(asked) && asked > 0) return Math.max(asked, LEAST_COLUMNS);
  if (!screen.isTTY) return Infinity;
  return Math.max(screen.columns || USUAL_COLUMNS, LEAST_COLUMNS);
}

/** The columns of help, which is text wherever it goes. */
export const helpWidth = (screen: Screen): number => {
  const columns = columnsOf(screen);
  return columns === Infinity ? USUAL_COLUMNS : columns;
};

/** Whether lines can be written over and the cursor moved. */
export const canRewrite = (screen: Screen, variables: NodeJS.ProcessEnv = process.env): boolean =>
  screen.isTTY === true && variables['TERM'] !== 'dumb';

/** What others wrote (names, notes, answers) as one line that cannot steer a terminal. */
export const oneLine = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/\s+/g, ' ')
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
