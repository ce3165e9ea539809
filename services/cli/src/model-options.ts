/** The options by which commands name a model: a checkpoint of the home, or a folder that is imported into it. */
import { GetCheckpointRequest } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import type { Command } from 'commander';
import { resourceName } from './commands/common.ts';
import type { Clients } from './platform.ts';
import { importModel } from './uploads.ts';

export interface ModelOptions {
  readonly checkpoint?: string;
  readonly model?: string;
}

/** Of two options that exclude each other one must be there: anything else is a wrong usage. */
export function exactlyOne<Options extends object, Name extends keyof Options & string>(
  command: Command,
  options: Options,
  one: Name,
  other: Name,
): void {
  if ((options[one] === undefined) === (options[other] === undefined))
    command.error(`error: exactly one of --${one} and --${other} must be given`);
}

/** Brings a model into the home; the same content is the same checkpoint. */
export async function importedName(clients: Clients, model: string): Promise<string> {
  return (await importModel(clients, model, {})).name;
}

/** The full name of the checkpoint that the options mean. */
export async function checkpointOf(clients: Clients, { checkpoint, model }: ModelOptions): Promise<string> {
  if (model !== undefined) return importedName(clients, model);
  const request = GetCheckpointRequest.fromPartial({ name: resourceName('checkpoints', checkpoint!) });
  return (await callUnary(clients.orchestrator, 'getCheckpoint', request)).name;
}
