/** The options by which commands name a model: a checkpoint of the home, a version of its register, or a folder that is imported. */
import { GetCheckpointRequest } from '@hone/contracts';
import { failedPrecondition } from '@hone/errors';
import { callUnary } from '@hone/rpc';
import type { Command } from 'commander';
import { checkpointName, versionBesideModels } from './checkpoint-reference.ts';
import type { Clients } from '../platform/platform.ts';
import { importModel } from '../files/uploads.ts';

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

/** A checkpoint's full name, of one that is there to be used. */
async function resolvedName({ orchestrator }: Clients, reference: string): Promise<string> {
  const request = GetCheckpointRequest.fromPartial({ name: reference });
  const { name, deleteTime } = await callUnary(orchestrator, 'getCheckpoint', request);
  if (!deleteTime) return name;
  const message = `${name} was deleted on ${deleteTime.toISOString()}: import or make it again`;
  throw failedPrecondition('CHECKPOINT_DELETED', message);
}

/** The full name of the checkpoint that the options mean: aliases are resolved here, once. */
export async function checkpointOf(clients: Clients, { checkpoint, model }: ModelOptions): Promise<string> {
  if (model === undefined) return resolvedName(clients, checkpointName(checkpoint!));
  const version = versionBesideModels(model);
  return version === undefined ? importedName(clients, model) : resolvedName(clients, version);
}
