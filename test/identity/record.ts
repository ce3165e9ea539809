/** The record, and how what a run made is held against it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Conditions } from './conditions.ts';
import type { RunFacts } from './facts.ts';

/** Runs by name, with what they were made with. */
export interface Recorded {
  readonly conditions: Conditions;
  readonly runs: Readonly<Record<string, RunFacts>>;
}

export const RECORD_FILE = fileURLToPath(new URL('../../test/identity/recorded.json', import.meta.url));

export const readRecord = (): Recorded => JSON.parse(readFileSync(RECORD_FILE, 'utf8')) as Recorded;

/** Draws of the iterations, which no result in floating point goes into but the choice to stop early: the same on every machine. */
export const drawsOf = ({ iterations }: RunFacts): string[] => iterations.flatMap(({ drawn }) => drawn ?? []);

/** Names what differs, from the first fact on: later ones follow from it. */
export function differences(recorded: unknown, found: unknown, place = ''): string[] {
  if (isTree(recorded) && isTree(found)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(found)])];
    return keys.flatMap((key) => differences(recorded[key], found[key], place ? `${place}.${key}` : key));
  }
  if (recorded === found) return [];
  return [`${place}: recorded ${shown(recorded)}, found ${shown(found)}`];
}

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
