/** Models to the Hugging Face hub, through its own library. HF_ENDPOINT names another hub. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { failedPrecondition, HoneError, invalidArgument } from '@hone/errors';
import { createRepo, HUB_URL, HubApiError, repoExists, uploadFiles } from '@huggingface/hub';
import { hubAccess, hubToken } from './access.ts';

/** A branch of a repository. */
export interface HubTarget {
  readonly repository: string;
  readonly branch: string;
}

/** A model on a hub. */
export interface Uploaded {
  /** Where a browser finds it. */
  readonly location: string;
  readonly files: readonly string[];
  /** The hub's commit. */
  readonly commit?: string;
}

const TARGET = /^hf:\/\/([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?$/;

/** Reads `hf://org/name[@branch]`. */
export function parseHubTarget(text: string): HubTarget {
  const [, repository, branch = 'main'] = TARGET.exec(text) ?? [];
  if (repository === undefined) throw invalidArgument('target', `must be hf://org/name[@branch], but is ${text}`);
  return { repository, branch };
}

/** The token of HF_TOKEN or of the stored login: it never stands on a command line. */
export async function requireHubToken(): Promise<string> {
  const token = await hubToken();
  if (token === undefined)
    throw failedPrecondition('NO_HUB_TOKEN', 'set HF_TOKEN to a token that may write to the repository');
  return token;
}

const CONFLICT = 409;

/** Makes a repository where it is not there. Who may write to one that is there need not be allowed to make one. */
async function makeRepository(
  repo: Parameters<typeof repoExists>[0] & { readonly accessToken: string },
  isPublic: boolean,
): Promise<void> {
  if (await repoExists(repo)) return;
  try {
    await createRepo({ ...repo, visibility: isPublic ? 'public' : 'private' });
  } catch (thrown) {
    // Somebody else was faster.
    if (!(thrown instanceof HubApiError && thrown.statusCode === CONFLICT)) throw thrown;
  }
}

/** Uploads a model folder as one commit: the hub shows all of it or nothing. A repository that is not there is made. */
export async function uploadModel(
  folder: string,
  { repository, branch }: HubTarget,
  options: { readonly accessToken: string; readonly isPublic: boolean; readonly name: string },
): Promise<Uploaded> {
  const { accessToken, isPublic, name } = options;
  const { hubUrl, fetch } = await hubAccess();
  const repo = { type: 'model', name: repository } as const;
  try {
    await makeRepository({ repo, accessToken, hubUrl, fetch }, isPublic);
    const files = (await readdir(folder)).sort();
    const contents = files.map((file) => ({ path: file, content: pathToFileURL(path.join(folder, file)) }));
    const upload = { repo, accessToken, hubUrl, fetch, branch, files: contents, commitTitle: `Export of ${name}` };
    // The plain protocol of Git LFS is all that other hubs speak.
    const output = await uploadFiles({ ...upload, useXet: hubUrl === HUB_URL });
    const commit = output?.commit.oid;
    const location = `${hubUrl}/${repository}${branch === 'main' ? '' : `/tree/${branch}`}`;
    return { location, files, ...(commit !== undefined && { commit }) };
  } catch (thrown) {
    throw explain(`${repository}@${branch}`, hubUrl, thrown);
  }
}

function explain(target: string, hubUrl: string, thrown: unknown): unknown {
  if (thrown instanceof HoneError) return thrown;
  if (thrown instanceof HubApiError) {
    const refused = thrown.statusCode === 401 || thrown.statusCode === 403;
    const advice = refused
      ? ': the token of HF_TOKEN may not write there'
      : ` (${thrown.statusCode}: ${thrown.message})`;
    return failedPrecondition('HUB_REFUSED', `${hubUrl} did not take ${target}${advice}`);
  }
  const { cause, message } = thrown as Error & { cause?: { code?: string } };
  return new HoneError({
    code: 'UNAVAILABLE',
    reason: 'HUB_UNREACHABLE',
    message: `cannot upload to ${target} of ${hubUrl} (${cause?.code ?? message}): try again once it can be reached`,
    cause: thrown,
  });
}
