/**
 * Models of the Hugging Face hub, downloaded by its own library into the cache that all its libraries share (HF_HUB_CACHE, HF_HOME).
 * HF_ENDPOINT names another hub, HF_TOKEN the token for models that need one.
 */
import path from 'node:path';
import { HoneError, invalidArgument, notFound } from '@hone/errors';
import { downloadFileToCacheDir, HUB_URL, HubApiError, listFiles, modelInfo } from '@huggingface/hub';
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
}

/** Downloads what of a repository is a model, where it is not in the cache yet. */
export async function downloadModel(
  { repository, file, revision }: HubModel,
  onFile?: (name: string, bytes: number) => void,
): Promise<DownloadedModel> {
  const hubUrl = process.env['HF_ENDPOINT'] ?? HUB_URL;
  const accessToken = process.env['HF_TOKEN'];
  const hub = { hubUrl, ...(accessToken && { accessToken }) };
  try {
    const { sha: commit } = await modelInfo({ name: repository, revision, additionalFields: ['sha'], ...hub });
    const repo = { type: 'model', name: repository } as const;
    const sizes = new Map<string, number>();
    for await (const entry of listFiles({ repo, revision: commit, ...hub }))
      if (entry.type === 'file') sizes.set(entry.path, entry.size);
    const wanted = filesOf(repository, [...sizes.keys()], file);
    let location = '';
    for (const name of wanted) {
      onFile?.(name, sizes.get(name) ?? 0);
      location = await downloadFileToCacheDir({ repo, path: name, revision: commit, ...hub });
    }
    const folder = path.dirname(location);
    const gguf = wanted.find((name) => name.endsWith('.gguf'));
    return { location: gguf ? path.join(folder, gguf) : folder, commit };
  } catch (thrown) {
    throw explain(`${repository}@${revision}`, hubUrl, thrown);
  }
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
    message: `cannot download ${model} from ${hubUrl} (${cause?.code ?? message}): without a network give a model folder or a .gguf file`,
    cause: thrown,
  });
}
