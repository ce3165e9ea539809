import { throwIfAborted } from '@hone/errors';
import type { ModelConfig } from '@hone/checkpoint';
import { buildScoreGraph } from '@hone/models';
import { Session } from '@hone/runtime';
import { cacheLayouts, CachedFeeds, externalData } from './cached-feeds.ts';
import type { GraphOptions } from './decode-graph.ts';
import { CAPACITY_STEP, KvCache } from '../cache/kv-cache.ts';

/** Positions that are scored at a time, of all sequences of a batch. */
const CHUNK = 256;
const MOST_ROWS = 16;
/** Logits `[rows * chunk, vocab]` are the largest tensor: this many of them, 64 MiB. */
const MOST_LOGITS = 2 ** 24;

/** A sequence on its way through the graph. */
interface Scored {
  readonly tokenIds: Int32Array;
  readonly logProbs: Float32Array;
}

/** Teacher forcing: log-probs of given tokens. */
export class ScoreGraph {
  private readonly feeds: CachedFeeds;

  private constructor(
    private readonly session: Session,
    private readonly config: ModelConfig,
  ) {
    this.feeds = new CachedFeeds(config);
  }

  /** Log-probs of given tokens are those of the weights as they are, whatever sampling does. */
  static async create({ config, weights, threads, api }: GraphOptions): Promise<ScoreGraph> {
    const external = externalData(weights);
    const session = await Session.create(buildScoreGraph(config, weights), { threads, external, ...(api && { api }) });
    return new ScoreGraph(session, config);
  }

  /** Sequences of nearly equal length share a batch; numbers do not depend on which do. */
  async logProbs(sequences: readonly Int32Array[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const scored = sequences.map((tokenIds) => ({ tokenIds, logProbs: new Float32Array(tokenIds.length - 1) }));
    const byLength = scored.toSorted((a, b) => a.tokenIds.length - b.tokenIds.length);
    const rows = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_LOGITS / (CHUNK * this.config.vocabSize))));
    for (let start = 0; start < byLength.length; start += rows) {
      await this.scoreBatch(byLength.slice(start, start + rows), signal);
    }
    return scored.map(({ logProbs }) => logProbs);
  }

  private async scoreBatch(batch: readonly Scored[], signal: AbortSignal | undefined): Promise<void> {
    const cache = new KvCache(cacheLayouts(this.config), batch.length);
    const longest = Math.max(...batch.map(({ logProbs }) => logProbs.length));
    for (let start = 0; start < longest; start += CHUNK) {
      throwIfAborted(signal);
      await this.scoreChunk(batch, cache, start, Math.min(CHUNK, longest - start));
    }
  }

  /** Scores positions start … start + length - 1 of every sequence of the batch that has them. */
  private async scoreChunk(batch: readonly Scored[], cache: KvCache, start: number, length: number): Promise<void> {
    // Padded for the same reason as the cache's capacity: rows come out the same in chunks of any length.
    const chunkLength = Math.ceil(length / CAPACITY_STEP) * CAPACITY_STEP;
    const width = batch.length;
    const inputIds = new Int32Array(width * chunkLength);
    const labels = new Int32Array(width * chunkLength);
    const positions = Int32Array.from(inputIds, (_, index) => start + (index % chunkLength));
    for (const [row, { tokenIds }] of batch.entries()) {
      inputIds.set(tokenIds.subarray(start, -1).subarray(0, chunkLength), row * chunkLength);
      labels.set(tokenIds.subarray(start + 1, start + 1 + chunkLength), row * chunkLength);
    }
    cache.shape(width, 0);
    const feeds = this.feeds.of(cache, { width, chunkLength, inputIds, positions });
    const results = await this.session.run({ ...feeds, labels: { data: labels, shape: [width, chunkLength] } }, [
      'log_probs',
      ...this.feeds.outputs,
    ]);
    const computed = results['log_probs'] as Float32Array;
    cache.shape(width, length);
    for (const [row, { logProbs }] of batch.entries()) {
      const count = Math.min(length, logProbs.length - start);
      if (count <= 0) continue;
      logProbs.set(computed.subarray(row * chunkLength, row * chunkLength + count), start);
      cache.append(row, this.feeds.newKeyValues(results), row, chunkLength, count);
    }
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
