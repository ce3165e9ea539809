/**
 * Data sets of the Hugging Face hub, downloaded by its own library into the cache that all its libraries share (HF_HUB_CACHE,
 * HF_HOME). HF_ENDPOINT names another hub, HF_TOKEN the token for data sets that need one.
 */
import { filesOfSplit, type Split } from '@hone/benchmarks';
import { HoneError, notFound } from '@hone/errors';
import { datasetInfo, downloadFileToCacheDir, HUB_URL, HubApiError, listFiles } from '@huggingface/hub';

/** The files of a split in the cache, and the commit that they are of. */
export interface DownloadedSplit {
  readonly files: readonly string[];
  readonly commit: string;
}

/** Downloads the files of a split, where they are not in the cache yet. */
export async function downloadSplit(
  split: Split,
  onFile: (name: string, bytes: number) => void,
): Promise<DownloadedSplit> {
  const hubUrl = process.env['HF_ENDPOINT'] ?? HUB_URL;
  const accessToken = process.env['HF_TOKEN'];
  const hub = { hubUrl, ...(accessToken && { accessToken }) };
  const repo = { type: 'dataset', name: split.repository } as const;
  try {
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
      files.push(await downloadFileToCacheDir({ repo, path: name, revision: commit, ...hub }));
    }
    return { files, commit };
  } catch (thrown) {
    throw explain(split.repository, hubUrl, thrown);
  }
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
