/**
 * Data sets of the Hugging Face hub, downloaded by its own library into the cache that all its libraries share, or found there where the
 * hub cannot be reached or must not be asked.
 */
import path from 'node:path';
import { filesOfSplit, type Split } from '@hone/benchmarks';
import { failedPrecondition, HoneError, notFound } from '@hone/errors';
import { datasetInfo, downloadFileToCacheDir, HubApiError, listFiles } from '@huggingface/hub';
import { hubAccess, isOffline, type HubAccess } from './access.ts';
import { cachedSnapshot, missingShards, noteRevision } from './cache.ts';

/** The files of a split in the cache, and the commit that they are of. */
export interface DownloadedSplit {
  readonly files: readonly string[];
  readonly commit: string;
}

/** Downloads the files of a split, where they are not in the cache yet; without the hub the cache alone will do. */
export async function downloadSplit(
  split: Split,
  onFile: (name: string, bytes: number) => void,
): Promise<DownloadedSplit> {
  if (isOffline()) {
    const cached = await cachedSplit(split);
    if (cached) return cached;
    const advice = 'is not in the cache of the hub, and HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids to download it';
    throw failedPrecondition('HUB_OFFLINE', `data set ${split.repository} ${advice}: import a folder with --from`);
  }
  const access = await hubAccess();
  try {
    return await download(split, access, onFile);
  } catch (thrown) {
    const error = explain(split.repository, access.hubUrl, thrown);
    const cached = error instanceof HoneError && error.code === 'UNAVAILABLE' ? await cachedSplit(split) : undefined;
    if (cached) return cached;
    throw error;
  }
}

async function download(split: Split, access: HubAccess, onFile: (name: string, bytes: number) => void) {
  const { cacheDir, ...hub } = access;
  const repo = { type: 'dataset', name: split.repository } as const;
  const { sha: commit } = await datasetInfo({ name: split.repository, additionalFields: ['sha'], ...hub });
  const sizes = new Map<string, number>();
  for await (const entry of listFiles({ repo, recursive: true, revision: commit, ...hub }))
    if (entry.type === 'file') sizes.set(entry.path, entry.size);
  const wanted = filesOfSplit([...sizes.keys()], split);
  if (wanted.length === 0)
    throw notFound(`split ${split.name} of ${split.repository}`, 'the data set has other files now: import a folder');
  const files: string[] = [];
  for (const name of wanted) {
    onFile(name, sizes.get(name) ?? 0);
    files.push(await downloadFileToCacheDir({ repo, path: name, revision: commit, cacheDir, ...hub }));
  }
  await noteRevision(repo, 'main', commit);
  return { files, commit };
}

/** The split as the cache has it; undefined where it has not all of it. */
async function cachedSplit(split: Split): Promise<DownloadedSplit | undefined> {
  const snapshot = await cachedSnapshot({ type: 'dataset', name: split.repository }, 'main');
  const wanted = snapshot ? filesOfSplit([...snapshot.files], split) : [];
  if (!snapshot || wanted.length === 0 || missingShards(wanted).length > 0) return undefined;
  return { files: wanted.map((name) => path.join(snapshot.folder, name)), commit: snapshot.commit };
}

function explain(repository: string, hubUrl: string, thrown: unknown): unknown {
  if (thrown instanceof HoneError) return thrown;
  const refused = thrown instanceof HubApiError ? thrown.statusCode : undefined;
  if (refused === 401 || refused === 403 || refused === 404)
    return notFound(
      `data set ${repository}`,
      `${hubUrl} does not show it: set HF_TOKEN to a token that may read it, or import a folder with --from`,
    );
  const { cause, message } = thrown as Error & { cause?: { code?: string } };
  return new HoneError({
    code: 'UNAVAILABLE',
    reason: 'HUB_UNREACHABLE',
    message: `cannot download ${repository} from ${hubUrl} (${cause?.code ?? message}): without a network import a folder or file with --from`,
    cause: thrown,
  });
}
