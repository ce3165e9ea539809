/** How far a model can look back. */
import type { ArtifactStore, Digest } from '@hone/artifacts';

/** Tokens that a checkpoint can look back on, as its config says; undefined where it says nothing that can be read. */
export async function contextOf(store: ArtifactStore, checkpoint: Digest): Promise<number | undefined> {
  try {
    const config = JSON.parse((await store.readFolderText(checkpoint, 'config.json')) ?? '{}') as Record<
      string,
      unknown
    >;
    const context = config['max_position_embeddings'] ?? config['n_positions'];
    return typeof context === 'number' ? context : undefined;
  } catch (thrown) {
    // A damaged config is told by who loads the model.
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}
