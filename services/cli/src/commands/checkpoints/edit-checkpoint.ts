import { Checkpoint, GetCheckpointRequest, UpdateCheckpointRequest } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import type { Command } from 'commander';
import { checkpointName } from '../../models/checkpoint-reference.ts';
import { withPlatform } from '../../platform/platform.ts';
import { homeOf, outputOf } from '../common.ts';
import { addTextOptions, textChanges, type TextOptions } from '../calls/text-options.ts';

/** `hone checkpoints edit`. What somebody else changed meanwhile is not overwritten. */
export function addEdit(checkpoints: Command): void {
  const edit = checkpoints.command('edit <checkpoint>').description('change name, notes and labels of a checkpoint');
  addTextOptions(edit).action(async (text: string, options: TextOptions, command: Command) => {
    await withPlatform({ home: homeOf(command) }, async ({ orchestrator, registry }) => {
      const request = GetCheckpointRequest.fromPartial({ name: checkpointName(text) });
      const { name, etag, labels } = await callUnary(orchestrator, 'getCheckpoint', request);
      const { fields, updateMask } = textChanges(options, labels, command);
      const update = UpdateCheckpointRequest.fromPartial({ checkpoint: { name, etag, ...fields }, updateMask });
      const changed = await callUnary(registry, 'updateCheckpoint', update);
      outputOf(options).result(Checkpoint.toJSON(changed), () => `${name}: changed ${updateMask.join(', ')}`);
    });
  });
}
