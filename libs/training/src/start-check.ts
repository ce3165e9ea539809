/**
 * The first step of a training that starts at its reference: both log-probs of a completion are of the same model, so the loss must be
 * what it is at equal log-probs. The policy's are the trainer's own, the reference's those that the data came with, or computed before:
 * where they differ, something between sampler and trainer does.
 */
import { Session, type SessionOptions } from '@hone/runtime';
import { meanOf } from '@hone/statistics';
import { symbolSizes, tf, trace } from '@hone/tfjs-onnx';
import type { BatchPart } from './data/batch.ts';
import { floats } from './data/pack.ts';
import type { LossGraph } from './graph/loss-graph.ts';
import { preferenceGraph } from './graph/preference-loss.ts';
import type { Parts } from './metrics.ts';
import type { PreferenceTerm, StartCheck } from './types.ts';

/** The loss may be off by this share of what it should be, or by as much where that is below 1: single precision is far nearer. */
const TOLERATED = 0.01;

/** Checks the first step; undefined where only the NLL is left, or the loss has no reference. */
export async function checkStart(parts: Parts, term: PreferenceTerm | undefined): Promise<StartCheck | undefined> {
  const preferences = preferenceGraph(term);
  if (!preferences || !term?.loss.needs.reference) return undefined;
  return {
    preferenceLoss: parts.reduce((sum, { result }) => sum + result.preference, 0),
    expectedLoss: await lossAtReference(
      parts.map(({ part }) => part),
      preferences,
    ),
    logProbGap: meanGap(parts),
  };
}

/** What to say of a start that is not at its reference; undefined where it is. */
export function startWarning({ preferenceLoss, expectedLoss, logProbGap }: StartCheck): string | undefined {
  if (Math.abs(preferenceLoss - expectedLoss) <= TOLERATED * Math.max(1, Math.abs(expectedLoss))) return undefined;
  return (
    `before the first update the preference loss is ${preferenceLoss.toFixed(4)}, but policy and reference are the same checkpoint, so that ` +
    `it should be ${expectedLoss.toFixed(4)}: the reference log-probs that the data has are not those of this checkpoint ` +
    `(${logProbGap.toPrecision(2)} nats a token off). Leave reference_log_prob out of the data, so that the trainer computes it, or sample ` +
    'anew from this checkpoint with an engine that has exact log-probs'
  );
}

/** The loss of the parts where the policy's log-probs are those of the reference. */
async function lossAtReference(parts: readonly BatchPart[], preferences: LossGraph): Promise<number> {
  const session = await Session.create(lossGraph(preferences), OPTIONS);
  try {
    let loss = 0;
    for (const part of parts) {
      const { preference } = await session.run({ ...referenceFeeds(part), ...preferences.feeds(part) }, ['preference']);
      loss += preference![0] as number;
    }
    return loss;
  } finally {
    await session.close();
  }
}

const OPTIONS: SessionOptions = { threads: 1, keepMemory: true };

/** The reference's log-probs in the policy's place. */
const referenceFeeds = ({ rows }: BatchPart) => ({
  row_log_probs: floats(Float32Array.from(rows, ({ referenceLogProb }) => referenceLogProb)),
  token_log_probs: floats(
    Float32Array.from(rows.flatMap(({ tokenLogProbs }) => [...(tokenLogProbs?.reference ?? [])])),
  ),
});

/** The loss alone, of log-probs that are fed. */
function lossGraph(preferences: LossGraph) {
  const symbols = symbolSizes('rows', 'targets', 'items');
  const inputs = {
    row_log_probs: { shape: [symbols.rows], dtype: 'float32' as const },
    token_log_probs: { shape: [symbols.targets], dtype: 'float32' as const },
    ...preferences.inputs(symbols),
  };
  return trace({ inputs, symbols }, (fed) => {
    const [ofRows, ofTokens] = [fed['row_log_probs'], fed['token_log_probs']] as tf.Tensor1D[];
    return { preference: preferences.sum({ ofRows: ofRows!, ofTokens: ofTokens! }, fed) };
  });
}

function meanGap(parts: Parts): number {
  const gaps = parts.flatMap(({ part, result }) =>
    part.rows.map(
      ({ referenceLogProb, completionTokenIds }, row) =>
        Math.abs(result.logProbs[row]! - referenceLogProb) / completionTokenIds.length,
    ),
  );
  return meanOf(gaps);
}
