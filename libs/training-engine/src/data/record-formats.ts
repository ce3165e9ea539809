/** Tokenised training data as bytes: the messages of the contract. */
import { Example, packFloat32, packInt32, PreferenceGroup, unpackFloat32, unpackInt32 } from '@hone/contracts';
import type { Example as TokenExample, PreferenceGroup as TokenGroup } from '@hone/training';
import type { RecordFormat } from './record-file.ts';

const tokensOf = (bytes: Uint8Array): Int32Array => unpackInt32(bytes, 'dataset');

const NOT_DRAWN = -1;

export const groupFormat: RecordFormat<TokenGroup> = {
  encode: ({ problemId, promptTokenIds, completions, pairs }) =>
    PreferenceGroup.encode({
      problemId,
      promptTokenIds: packInt32(promptTokenIds),
      promptText: '',
      promptChat: undefined,
      completions: completions.map(({ tokenIds, referenceLogProb, sampledLogProbs = [], drawn = false }) => ({
        tokenIds: packInt32(tokenIds),
        referenceLogProb,
        sampledLogProbs: packFloat32(sampledLogProbs),
        // As of a solution.
        sampleIndex: drawn ? 0 : NOT_DRAWN,
        text: '',
        chat: undefined,
      })),
      pairs: pairs.map(({ chosen, rejected }) => ({ chosen, rejected, rule: '' })),
      source: 0,
    }).finish(),
  decode: (bytes) => {
    const { problemId, promptTokenIds, completions, pairs } = PreferenceGroup.decode(bytes);
    return {
      problemId,
      promptTokenIds: tokensOf(promptTokenIds),
      completions: completions.map(({ tokenIds, referenceLogProb, sampledLogProbs, sampleIndex }) => ({
        tokenIds: tokensOf(tokenIds),
        ...(sampleIndex !== NOT_DRAWN && { drawn: true }),
        ...(referenceLogProb === undefined ? {} : { referenceLogProb }),
        ...(sampledLogProbs.length > 0 && { sampledLogProbs: unpackFloat32(sampledLogProbs, 'dataset') }),
      })),
      pairs: pairs.map(({ chosen, rejected }) => ({ chosen, rejected })),
    };
  },
};

/** An example with a label or an advantage; what is better than others is desirable. */
export const labelledGroup = (
  { promptTokenIds, completionTokenIds }: TokenExample,
  { desirable, advantage }: Pick<Example, 'desirable' | 'advantage'>,
): TokenGroup => ({
  problemId: '',
  promptTokenIds,
  // Those with advantages were drawn from where the training starts.
  completions: [{ tokenIds: completionTokenIds, ...(advantage !== undefined && { drawn: true }) }],
  pairs: [],
  labels: [
    advantage === undefined
      ? { completion: 0, desirable: desirable! }
      : { completion: 0, desirable: advantage > 0, advantage },
  ],
});

/** Examples with labels or advantages, each as a group of one completion. */
export const labelledFormat: RecordFormat<TokenGroup> = {
  encode: ({ promptTokenIds, completions, labels }) => {
    const ids = { promptTokenIds: packInt32(promptTokenIds), completionTokenIds: packInt32(completions[0]!.tokenIds) };
    const { desirable, advantage } = labels![0]!;
    return Example.encode(Example.fromPartial({ ...ids, desirable, advantage })).finish();
  },
  decode: (bytes) => {
    const { promptTokenIds, completionTokenIds, ...label } = Example.decode(bytes);
    const ids = { promptTokenIds: tokensOf(promptTokenIds), completionTokenIds: tokensOf(completionTokenIds) };
    return labelledGroup(ids, label);
  },
};

export const exampleFormat: RecordFormat<TokenExample> = {
  encode: ({ promptTokenIds, completionTokenIds }) => {
    const fields = { promptTokenIds: packInt32(promptTokenIds), completionTokenIds: packInt32(completionTokenIds) };
    return Example.encode(Example.fromPartial(fields)).finish();
  },
  decode: (bytes) => {
    const { promptTokenIds, completionTokenIds } = Example.decode(bytes);
    return { promptTokenIds: tokensOf(promptTokenIds), completionTokenIds: tokensOf(completionTokenIds) };
  },
};
