import type { ArtifactStore } from '@hone/artifacts';
import { readModelConfig } from '@hone/checkpoint';
import { digestOfName } from '@hone/contracts';
import type { Model } from '@hone/sampling-engine';

/** Folders of the store's checkpoints; every byte of one is verified when it is first used. */
export class CheckpointFolders {
  private readonly opened = new Map<string, Promise<Model>>();

  constructor(
    private readonly store: ArtifactStore,
    /** The token that ends texts of a folder's tokenizer, or null. */
    private readonly endTokenOf: (folder: string) => Promise<number | null>,
  ) {}

  /** The model of "checkpoints/{id}". */
  async open(name: string): Promise<Model> {
    const digest = digestOfName('checkpoints', name, 'checkpoint');
    let model = this.opened.get(digest);
    if (!model) {
      model = this.verify(digest);
      this.opened.set(digest, model);
      // A failure is not remembered: the checkpoint may be imported or mended meanwhile.
      model.catch(() => this.opened.delete(digest));
    }
    return model;
  }

  private async verify(digest: string): Promise<Model> {
    const folder = await this.store.openFolder(digest, { verify: true });
    const config = await readModelConfig(folder);
    if (config.eosTokenIds.length > 0) return { folder, config };
    // Where neither config.json nor generation_config.json names a token that ends completions, the tokenizer's does, as in training.
    const end = await this.endTokenOf(folder);
    const eosTokenIds = end === null || end >= config.vocabSize ? [] : [end];
    return { folder, config: { ...config, eosTokenIds } };
  }
}
