import { Checkpoint, GetCheckpointRequest, UpdateCheckpointRequest } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import { InvalidArgumentError, type Command } from 'commander';
import { checkpointName } from '../checkpoint-reference.ts';
import { withPlatform } from '../platform.ts';
import { homeOf, outputOf } from './common.ts';

interface EditOptions {
  readonly name?: string;
  readonly notes?: string;
  readonly label: Readonly<Record<string, string>>;
  readonly unlabel: readonly string[];
  readonly json: boolean;
}

function label(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('must be key=value');
  return { ...before, [key]: value };
}

/** The fields that the options change, over what the checkpoint has now. */
function changesOf({ name, notes, label: added, unlabel }: EditOptions, { labels }: Checkpoint) {
  const changed: { fields: object; mask: string[] } = { fields: {}, mask: [] };
  const set = (field: object, path: string): void => {
    Object.assign(changed.fields, field);
    changed.mask.push(path);
  };
  if (name !== undefined) set({ displayName: name }, 'display_name');
  if (notes !== undefined) set({ notes }, 'notes');
  if (Object.keys(added).length > 0 || unlabel.length > 0) {
    const kept = Object.entries(labels).filter(([key]) => !unlabel.includes(key));
    set({ labels: { ...Object.fromEntries(kept), ...added } }, 'labels');
  }
  return changed;
}

/** `hone checkpoints edit`. What somebody else changed meanwhile is not overwritten. */
export function addEdit(checkpoints: Command): void {
  checkpoints
    .command('edit <checkpoint>')
    .description('change name, notes and labels')
    .option('--name <text>', 'a name for people')
    .option('--notes <text>', 'notes, in place of those before')
    .option('--label <key=value>', 'set a label; may be given several times', label, {})
    .option('--unlabel <keys...>', 'remove labels', [])
    .option('--json', 'as JSON', false)
    .action(async (text: string, options: EditOptions, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async ({ orchestrator, registry }) => {
        const request = GetCheckpointRequest.fromPartial({ name: checkpointName(text) });
        const seen = await callUnary(orchestrator, 'getCheckpoint', request);
        const { fields, mask: updateMask } = changesOf(options, seen);
        if (updateMask.length === 0) command.error('error: give --name, --notes, --label or --unlabel');
        const checkpoint = { name: seen.name, etag: seen.etag, ...fields };
        const update = UpdateCheckpointRequest.fromPartial({ checkpoint, updateMask });
        const changed = await callUnary(registry, 'updateCheckpoint', update);
        outputOf(options).result(Checkpoint.toJSON(changed), () => `${changed.name}: changed ${updateMask.join(', ')}`);
      });
    });
}
