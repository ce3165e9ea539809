/**
 * Models of the Hugging Face hub, downloaded by its own library into the cache that all its libraries share, or found there where the hub
 * cannot be reached or must not be asked.
 */
import path from 'node:path';
import { failedPrecondition, HoneError, invalidArgument, notFound } from '@hone/errors';
import { downloadFileToCacheDir, HubApiError, listFiles, modelInfo } from '@huggingface/hub';
import { hubAccess, isOffline, type HubAccess } from './access.ts';
import { cachedSnapshot, missingShards, noteRevision } from './cache.ts';
import { modelFileNames } from './model-files.ts';

/** A model as people name it: `org/name`, with `/file.gguf` where there are several, and `@revision`. */
export interface HubModel {
  readonly repository: string;
  readonly file: string | undefined;
  /** Branch, tag or commit. */
  readonly revision: string;
}

const HUB_NAME = /^(?!\.{1,2}\/)([\w.-]+\/[\w.-]+)(?:\/([\w.-]+\.gguf))?(?:@([\w./-]+))?$/;

/** What of the hub a text names; undefined where it cannot be such a name. */
export function parseHubName(text: string): HubModel | undefined {
  const [, repository, file, revision = 'main'] = HUB_NAME.exec(text) ?? [];
  return repository === undefined ? undefined : { repository, file, revision };
}

/** A model in the cache. */
export interface DownloadedModel {
  /** A folder, or a .gguf in one. */
  readonly location: string;
  /** The commit that the revision meant. */
  readonly commit: string;
  /** Why the hub was not asked; absent where it was. */
  readonly fromCache?: string;
}

/** Downloads what of a repository is a model, where it is not in the cache yet; without the hub the cache alone will do. */
export async function downloadModel(
  model: HubModel,
  onFile?: (name: string, bytes: number) => void,
): Promise<DownloadedModel> {
  const name = `${model.repository}@${model.revision}`;
  if (isOffline()) {
    const cached = await cachedModel(model);
    if (cached) return { ...cached, fromCache: 'HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set' };
    const advice = 'is not in the cache of the hub, and HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids to download it';
    throw failedPrecondition('HUB_OFFLINE', `model ${name} ${advice}`);
  }
  const access = await hubAccess();
  try {
    return await download(model, access, onFile);
  } catch (thrown) {
    const error = explain(name, access.hubUrl, thrown);
    if (!(error instanceof HoneError) || error.code !== 'UNAVAILABLE') throw error;
    const cached = await cachedModel(model).catch(() => undefined);
    if (cached) return { ...cached, fromCache: `${access.hubUrl} cannot be reached` };
    throw error;
  }
}

async function download(
  { repository, file, revision }: HubModel,
  access: HubAccess,
  onFile?: (name: string, bytes: number) => void,
): Promise<DownloadedModel> {
  const { cacheDir, ...hub } = access;
  const { sha: commit } = await modelInfo({ name: repository, revision, additionalFields: ['sha'], ...hub });
  const repo = { type: 'model', name: repository } as const;
  const sizes = new Map<string, number>();
  for await (const entry of listFiles({ repo, revision: commit, ...hub }))
    if (entry.type === 'file') sizes.set(entry.path, entry.size);
  const wanted = filesOf(repository, [...sizes.keys()], file);
  let location = '';
  for (const name of wanted) {
    onFile?.(name, sizes.get(name) ?? 0);
    location = await downloadFileToCacheDir({ repo, path: name, revision: commit, cacheDir, ...hub });
  }
  await noteRevision(repo, revision, commit);
  return { location: locationOf(path.dirname(location), wanted), commit };
}

/** The model as the cache has it; undefined where it has none of it. */
async function cachedModel({ repository, file, revision }: HubModel): Promise<DownloadedModel | undefined> {
  const snapshot = await cachedSnapshot({ type: 'model', name: repository }, revision);
  if (!snapshot) return undefined;
  const wanted = filesOf(repository, snapshot.files, file);
  const missing = missingShards(wanted);
  if (missing.length > 0)
    throw failedPrecondition(
      'HUB_CACHE_INCOMPLETE',
      `the cache of the hub holds only a part of ${repository}@${revision}: ${missing.join(', ')} is missing; download it with a network`,
    );
  return { location: locationOf(snapshot.folder, wanted), commit: snapshot.commit };
}

/** The folder, or the .gguf in it. */
function locationOf(folder: string, files: readonly string[]): string {
  const gguf = files.find((name) => name.endsWith('.gguf'));
  return gguf === undefined ? folder : path.join(folder, gguf);
}

/** The safetensors and what belongs to them; without any, the one .gguf that is there or named. */
function filesOf(repository: string, names: readonly string[], file: string | undefined): string[] {
  const model = modelFileNames(names);
  const others = model.filter((name) => !/\.(gguf|safetensors|index\.json)$/.test(name));
  const ggufs = model.filter((name) => name.endsWith('.gguf'));
  if (file !== undefined) {
    if (ggufs.includes(file)) return [...others, file];
    throw notFound(`${file} of ${repository}`, `it has: ${ggufs.join(', ') || 'no .gguf'}`);
  }
  if (model.some((name) => name.endsWith('.safetensors'))) return model.filter((name) => !name.endsWith('.gguf'));
  if (ggufs.length === 1) return [...others, ggufs[0]!];
  const rule =
    ggufs.length > 1 ? `holds several: name one of ${ggufs.join(', ')}` : 'holds no safetensors and no .gguf';
  throw invalidArgument('model', `${repository} ${rule}`);
}

function explain(model: string, hubUrl: string, thrown: unknown): unknown {
  if (thrown instanceof HoneError) return thrown;
  if (thrown instanceof HubApiError) {
    if (thrown.statusCode === 404)
      return notFound(`model ${model}`, `neither a folder of this machine nor on ${hubUrl}`);
    const refused = thrown.statusCode === 401 || thrown.statusCode === 403;
    if (refused)
      return notFound(`model ${model}`, `${hubUrl} does not show it: set HF_TOKEN to a token that may read it`);
  }
  const { cause, message } = thrown as Error & { cause?: { code?: string } };
  return new HoneError({
    code: 'UNAVAILABLE',
    reason: 'HUB_UNREACHABLE',
    message: `cannot download ${model} from ${hubUrl} (${cause?.code ?? message}): without a network give a model folder or a .gguf file, or a model that is in the cache of the hub`,
    cause: thrown,
  });
}
