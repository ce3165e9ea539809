import type { RunFailure } from '@hone/contracts';

/** What stopped a run, for people. */
export function failureText({ code, reason, message, iteration, step }: RunFailure): string {
  const where = step === '' ? '' : `iteration ${iteration}, ${step}: `;
  return `${where}${message} (${code}, ${reason})`;
}
