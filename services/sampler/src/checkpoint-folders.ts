import type { ArtifactStore } from '@hone/artifacts';
import { readModelConfig, type ModelConfig } from '@hone/checkpoint';
import { digestOfName } from '@hone/contracts';

export interface CheckpointFolder {
  readonly folder: string;
  readonly config: ModelConfig;
}

/** Folders of the store's checkpoints; every byte of one is verified when it is first used. */
export class CheckpointFolders {
  private readonly opened = new Map<string, Promise<CheckpointFolder>>();

  constructor(private readonly store: ArtifactStore) {}

  /** The folder of "checkpoints/{id}". */
  async open(name: string): Promise<CheckpointFolder> {
    const digest = digestOfName('checkpoints', name, 'checkpoint');
    let folder = this.opened.get(digest);
    if (!folder) {
      folder = this.verify(digest);
      this.opened.set(digest, folder);
      // A failure is not remembered: the checkpoint may be imported or mended meanwhile.
      folder.catch(() => this.opened.delete(digest));
    }
    return folder;
  }

  private async verify(digest: string): Promise<CheckpointFolder> {
    const folder = await this.store.openFolder(digest, { verify: true });
    return { folder, config: await readModelConfig(folder) };
  }
}
