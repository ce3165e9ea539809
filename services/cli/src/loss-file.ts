/** loss.yaml: a preference loss, checked. */
import type { LossSpec, PartialMessage } from '@hone/contracts';
import { invalidArguments } from '@hone/errors';
import { loss, lossSpec } from './loss-fields.ts';
import { readYamlFile } from './yaml-file.ts';

/** The loss that a file states. */
export function readLoss(file: string): PartialMessage<LossSpec> {
  const parsed = loss.safeParse(readYamlFile(file, 'loss file') ?? {});
  if (!parsed.success) {
    throw invalidArguments(
      parsed.error.issues.map(({ path, message }) => ({ field: [file, ...path].join(' '), description: message })),
    );
  }
  return lossSpec(parsed.data);
}
