/** Where a model lies that people name. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { downloadModel, parseHubName } from '@hone/hub';

/** A model that people named, on this machine. */
interface FoundModel {
  readonly location: string;
  /** What to call it. */
  readonly name: string;
}

/** A model of this machine where there is one of that name, else of the hub, downloaded. */
export async function findModel(model: string): Promise<FoundModel> {
  const hubModel = (await stat(model).catch(() => undefined)) ? undefined : parseHubName(model);
  if (!hubModel) return { location: model, name: path.basename(path.resolve(model)) };
  const { location, commit, fromCache } = await downloadModel(hubModel, (file, bytes) =>
    process.stderr.write(`${hubModel.repository}: ${file}, ${(bytes / 2 ** 20).toFixed(1)} MiB\n`),
  );
  const name = `${hubModel.repository}@${commit.slice(0, 12)}`;
  if (fromCache !== undefined) process.stderr.write(`${name} comes from the cache of the hub: ${fromCache}\n`);
  return { location, name };
}
