import { invalidArgument } from '@hone/errors';

const UNITS: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4 };

/** Bytes that "8GiB", "512M" or "1000000" says; units are powers of 1024. */
export function parseMemorySize(text: string, field: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim());
  const bytes = match ? Math.floor(Number(match[1]) * 1024 ** UNITS[match[2]!.toUpperCase()]!) : 0;
  if (bytes < 1)
    throw invalidArgument(field, `must be a size such as 8GiB, 512MiB or a number of bytes, but is "${text}"`);
  return bytes;
}
