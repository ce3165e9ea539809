import {
  AliasChange,
  DeleteAliasRequest,
  GetModelRequest,
  GetVersionRequest,
  ListAliasChangesRequest,
  ListModelsRequest,
  ListVersionsRequest,
  Model,
  ModelAlias,
  ModelVersion,
  PublishVersionRequest,
  SetAliasRequest,
  UpdateModelRequest,
} from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import { moment, shortName, table } from '@hone/terminal';
import type { Command } from 'commander';
import { accountAtHost } from '../../run/account.ts';
import { checkpointName } from '../../models/checkpoint-reference.ts';
import { withPlatform, type Clients } from '../../platform/platform.ts';
import { homeOf, integer, outputOf, resourceName } from '../common.ts';
import { addTextOptions, textChanges, type TextOptions } from '../calls/text-options.ts';

const MAX_PAGE = 1000;

interface SignOptions {
  readonly by: string;
  readonly why: string;
  readonly json: boolean;
}

/** Who makes a change, for the audit trail. */
function addSignature(command: Command): Command {
  return command
    .option('--by <name>', 'who, for the audit trail', accountAtHost())
    .option('--why <text>', 'why, for the audit trail', '')
    .option('--json', 'as JSON', false);
}

/** "models/math/versions/3" -> "3"; "models/math/aliases/best" -> "best". */
const lastPart = (name: string): string => name.split('/').at(-1)!;

function addList(models: Command): void {
  models
    .command('list')
    .description('models, the newest first')
    .option('--filter <text>', 'such as: labels.team = a AND last_version >= 3', '')
    .option('--order-by <fields>', 'such as: name', '')
    .option('--limit <number>', 'most models', integer(1), 50)
    .option('--json', 'as JSON', false)
    .action(
      async (
        options: { filter: string; orderBy: string; limit: number; json: boolean },
        command: Command,
      ): Promise<void> => {
        await withPlatform({ home: homeOf(command) }, async ({ registry }) => {
          const { filter, orderBy, limit } = options;
          const request = ListModelsRequest.fromPartial({ filter, orderBy, pageSize: Math.min(limit, MAX_PAGE) });
          const { models: found } = await callUnary(registry, 'listModels', request);
          const rows = found.map((model) => [
            model.name,
            String(model.lastVersion),
            model.aliases.map(({ name, version }) => `${lastPart(name)}=${lastPart(version)}`).join(' '),
            model.displayName,
            moment(model.updateTime),
          ]);
          outputOf(options).result(
            found.map((model) => Model.toJSON(model)),
            () =>
              rows.length > 0 ? table(['model', 'versions', 'aliases', 'name', 'updated (UTC)'], rows) : 'no models',
          );
        });
      },
    );
}

async function versionsOf({ registry }: Clients, parent: string, limit: number): Promise<ModelVersion[]> {
  const request = ListVersionsRequest.fromPartial({ parent, pageSize: Math.min(limit, MAX_PAGE) });
  return (await callUnary(registry, 'listVersions', request)).versions;
}

function addShow(models: Command): void {
  models
    .command('show <model>')
    .description('a model with its versions, the newest first')
    .option('--limit <number>', 'most versions', integer(1), 50)
    .option('--json', 'as JSON', false)
    .action(async (text: string, options: { limit: number; json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const name = resourceName('models', text);
        const model = await callUnary(clients.registry, 'getModel', GetModelRequest.fromPartial({ name }));
        const versions = await versionsOf(clients, name, options.limit);
        const rows = versions.map(({ version, checkpoint, run, iteration, aliases, createTime }) => [
          String(version),
          shortName(checkpoint),
          run ? `${run} M_${iteration}` : 'by hand',
          aliases.join(' '),
          moment(createTime),
        ]);
        const document = {
          ...(Model.toJSON(model) as object),
          versions: versions.map((version) => ModelVersion.toJSON(version)),
        };
        outputOf(options).result(document, () =>
          [
            `${model.name}${model.displayName ? `: ${model.displayName}` : ''}`,
            ...(model.notes ? [model.notes] : []),
            table(['version', 'checkpoint', 'published by', 'aliases', 'published (UTC)'], rows),
          ].join('\n'),
        );
      });
    });
}

function addPublish(models: Command): void {
  const command = models
    .command('publish <model> <checkpoint>')
    .description('make a checkpoint the next version of a model; its alias latest moves to it');
  addSignature(command).action(async (model: string, text: string, options: SignOptions, self: Command) => {
    await withPlatform({ home: homeOf(self) }, async ({ registry }) => {
      const request = PublishVersionRequest.fromPartial({
        model: resourceName('models', model),
        checkpoint: checkpointName(text),
        ...{ caller: options.by, reason: options.why },
      });
      const version = await callUnary(registry, 'publishVersion', request);
      outputOf(options).result(ModelVersion.toJSON(version), () => `${version.name}: ${shortName(version.checkpoint)}`);
    });
  });
}

/** What somebody else changed meanwhile is not overwritten. */
function addEdit(models: Command): void {
  const edit = models.command('edit <model>').description('change name, notes and labels of a model');
  addTextOptions(edit).action(async (text: string, options: TextOptions, command: Command) => {
    await withPlatform({ home: homeOf(command) }, async ({ registry }) => {
      const request = GetModelRequest.fromPartial({ name: resourceName('models', text) });
      const { name, etag, labels } = await callUnary(registry, 'getModel', request);
      const { fields, updateMask } = textChanges(options, labels, command);
      const update = UpdateModelRequest.fromPartial({ model: { name, etag, ...fields }, updateMask });
      const changed = await callUnary(registry, 'updateModel', update);
      outputOf(options).result(Model.toJSON(changed), () => `${name}: changed ${updateMask.join(', ')}`);
    });
  });
}

const aliasName = (model: string, alias: string): string => `${resourceName('models', model)}/aliases/${alias}`;

const versionName = (model: string, version: number): string => `${resourceName('models', model)}/versions/${version}`;

interface AliasOptions extends SignOptions {
  readonly expect?: number;
  readonly remove: boolean;
}

function addAlias(models: Command): void {
  const command = models
    .command('alias <model> <alias> [version]')
    .description('point an alias, such as best or production, at a version: its number, or another alias')
    .option('--expect <version>', 'only if it points there now; 0: only if it is new', integer(0))
    .option('--remove', 'remove the alias', false);
  addSignature(command).action(
    async (model: string, alias: string, text: string | undefined, options: AliasOptions, self: Command) => {
      if ((text === undefined) !== options.remove) self.error('error: give a version, or --remove');
      const name = aliasName(model, alias);
      const signature = { caller: options.by, reason: options.why };
      await withPlatform({ home: homeOf(self) }, async ({ registry }) => {
        if (text === undefined) {
          const removed = await callUnary(
            registry,
            'deleteAlias',
            DeleteAliasRequest.fromPartial({ name, ...signature }),
          );
          outputOf(options).result(AliasChange.toJSON(removed), () => `${name}: removed`);
          return;
        }
        const found = checkpointName(`${resourceName('models', model).slice('models/'.length)}@${text}`);
        const { name: version } = await callUnary(
          registry,
          'getVersion',
          GetVersionRequest.fromPartial({ name: found }),
        );
        const expectedVersion =
          options.expect === undefined ? undefined : options.expect === 0 ? '' : versionName(model, options.expect);
        const request = SetAliasRequest.fromPartial({ name, version, expectedVersion, ...signature });
        const set = await callUnary(registry, 'setAlias', request);
        outputOf(options).result(
          ModelAlias.toJSON(set),
          () => `${name}: version ${lastPart(version)}, ${shortName(set.checkpoint)}`,
        );
      });
    },
  );
}

function addHistory(models: Command): void {
  models
    .command('history <model> [alias]')
    .description("every move of a model's aliases: who, when, from where, to where, why")
    .option('--limit <number>', 'most moves', integer(1), 50)
    .option('--json', 'as JSON', false)
    .action(
      async (
        model: string,
        alias: string | undefined,
        options: { limit: number; json: boolean },
        command: Command,
      ): Promise<void> => {
        await withPlatform({ home: homeOf(command) }, async ({ registry }) => {
          const parent = alias === undefined ? resourceName('models', model) : aliasName(model, alias);
          const pageSize = Math.min(options.limit, MAX_PAGE);
          const request = ListAliasChangesRequest.fromPartial({ parent, pageSize });
          const { changes } = await callUnary(registry, 'listAliasChanges', request);
          const rows = changes.map((change) => [
            moment(change.time),
            lastPart(change.alias),
            lastPart(change.fromVersion),
            lastPart(change.toVersion) || 'removed',
            change.caller,
            change.reason,
          ]);
          outputOf(options).result(
            changes.map((change) => AliasChange.toJSON(change)),
            () => (rows.length > 0 ? table(['when (UTC)', 'alias', 'from', 'to', 'who', 'why'], rows) : 'no moves'),
          );
        });
      },
    );
}

/** `hone models …`. */
export function addModelCommands(program: Command): void {
  const models = program
    .command('models')
    .description('models: numbered versions of checkpoints, and aliases of those');
  addList(models);
  addShow(models);
  addPublish(models);
  addAlias(models);
  addEdit(models);
  addHistory(models);
}
