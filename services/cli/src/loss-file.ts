/** loss.yaml: a preference loss, checked. */
import { readFileSync } from 'node:fs';
import type { LossSpec, PartialMessage } from '@hone/contracts';
import { invalidArguments, notFound } from '@hone/errors';
import yaml from 'yaml';
import { loss, lossSpec } from './loss-fields.ts';

/** The loss that a file states. */
export function readLoss(file: string): PartialMessage<LossSpec> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw notFound(`loss file ${file}`, `check the path (${(thrown as Error).message})`);
  }
  const parsed = loss.safeParse(yaml.parse(text) ?? {});
  if (!parsed.success) {
    throw invalidArguments(
      parsed.error.issues.map(({ path, message }) => ({ field: [file, ...path].join(' '), description: message })),
    );
  }
  return lossSpec(parsed.data);
}
