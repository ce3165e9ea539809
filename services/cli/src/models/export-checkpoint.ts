/** Checkpoints out of a home: to a folder, a bucket or a hub. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { copyFolderToBucket } from '@hone/artifacts';
import { parseHubTarget, requireHubToken, uploadModel } from '@hone/hub';
import { exportModel } from './downloads.ts';
import type { Clients } from '../platform/platform.ts';

/** What to export. */
export interface Export {
  readonly name: string;
  readonly adapter: boolean;
  /** Whether a repository that is made on a hub is for all to see. */
  readonly public: boolean;
}

/** What was exported, and where it is now. */
export interface Exported {
  readonly location: string;
  readonly files: readonly string[];
  /** The hub's commit. */
  readonly commit?: string;
}

/** Exports to a folder, to `s3://bucket/prefix` or to `hf://org/name[@branch]`. */
export async function exportCheckpoint(clients: Clients, given: Export, target: string): Promise<Exported> {
  const { name, adapter } = given;
  if (target.startsWith('s3://')) {
    return throughFolder(clients, given, async (folder) => {
      const { location, files } = await copyFolderToBucket(folder, target);
      return { location, files };
    });
  }
  if (target.startsWith('hf://')) {
    const hub = parseHubTarget(target);
    const accessToken = await requireHubToken();
    const isPublic = given.public;
    return throughFolder(clients, given, (folder) => uploadModel(folder, hub, { accessToken, isPublic, name }));
  }
  const files = await exportModel(clients, { name, adapter }, target);
  return { location: path.resolve(target), files };
}

/** What goes past this machine is written to a folder of it first: uploads want sizes, and are tried again. */
async function throughFolder(
  clients: Clients,
  { name, adapter }: Export,
  send: (folder: string) => Promise<Exported>,
): Promise<Exported> {
  const parent = await mkdtemp(path.join(tmpdir(), 'hone-export-'));
  try {
    const folder = path.join(parent, 'model');
    await exportModel(clients, { name, adapter }, folder);
    return await send(folder);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}
