/** What every run states beside the settings of its recipe. The names are those of the contract's RunSpec. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { whole } from '../settings/numbers.ts';
import { scorerEntry } from './scorer.ts';
import { serverEntry } from './server.ts';

/** What a step does; recipes are made of these. */
export const STEP_KINDS = [
  'sample',
  'score',
  'build',
  'train',
  'evaluate',
  'select',
  'publish',
  'feedback',
  'write',
] as const;

const label = z.string().max(LIMITS.nameChars);

const budget = z.strictObject({
  tokens: whole(0, Number.MAX_SAFE_INTEGER)
    .default(0)
    .describe(
      'Tokens sampled, trained on and evaluated; 0 means no limit. Looked at before every step, so the last may exceed it.',
    ),
  seconds: z
    .number()
    .min(0)
    .default(0)
    .describe('Seconds of work; 0 means no limit. The step at work is given up when they are over.'),
  disk_bytes: whole(0, Number.MAX_SAFE_INTEGER)
    .default(0)
    .describe("Bytes that the run's artifacts take in the store; 0 means no limit. Looked at before every step."),
});

const policy = z.strictObject({
  kind: z.enum(STEP_KINDS).describe('Which kind of steps; each may stand once.'),
  max_attempts: whole(0, LIMITS.attempts)
    .default(0)
    .describe('Tries of a call whose service is away; 0 means about ten minutes of tries.'),
  deadline_seconds: z
    .number()
    .min(0)
    .max(LIMITS.deadlineSeconds)
    .default(0)
    .describe('Seconds that one call or one operation may take; 0 means no deadline.'),
});

/** What a client uploaded, by name. */
const uploaded = {
  base_checkpoint: z
    .string()
    .min(1, 'must be the name of a checkpoint')
    .describe('Where the run starts: "checkpoints/{id}", or a version or alias of a model.'),
  train_problem_set: problemSet().describe('Problems to sample on.'),
  validation_problem_set: problemSet(/^(?:problemSets\/[0-9a-f]{64})?$/)
    .default('')
    .describe('Held-out problems for targets of the warm-up and the choice among checkpoints; may be empty.'),
  test_problem_set: problemSet().describe('Held-out problems on which every iteration is measured.'),
};

function problemSet(form = /^problemSets\/[0-9a-f]{64}$/) {
  return z.string().regex(form, 'must be a name "problemSets/{64 hexadecimal digits}"');
}

/** What a client states, whether by a request or in a run file. */
const stated = {
  display_name: label.default('').describe('Free text, for people.'),
  recipe: label
    .default('')
    .describe('Name of the recipe, which is the method; empty means irpo. "hone recipes list" shows them.'),
  recipe_version: whole(0, 2 ** 31 - 1)
    .default(0)
    .describe('Version of the recipe that the run needs; 0 means the one that is served.'),
  preset: label
    .default('')
    .describe(
      'Settings of the recipe by a name, such as irpo-gsm8k-70b, which stand behind those given; empty means none. "hone recipes show NAME" ' +
        'has them.',
    ),
  benchmark: label.default('').describe("The benchmark's name, for people and reports; its scorer is the default."),
  model: z
    .string()
    .regex(/^(?:[a-z0-9][a-z0-9-]{0,62})?$/, 'must be small letters, digits and hyphens, 63 at most')
    .default('')
    .describe(
      'The model of the register of which every M_t becomes a version, and whose alias "latest" follows; empty means none.',
    ),
  scorer: scorerEntry
    .optional()
    .describe("Who judges: a name, a server, or several by a rule; absent means the benchmark's, else exact."),
  sampler: serverEntry
    .optional()
    .describe("Who samples: an address or a mapping; absent means the deployment's own sampler."),
  trainer: serverEntry
    .optional()
    .describe(
      "Who trains: an address or a mapping; absent means the deployment's own trainer, whose store it must share.",
    ),
  evaluator: serverEntry
    .optional()
    .describe(
      "Who evaluates: an address or a mapping; absent means the deployment's own evaluator, whose store it must share.",
    ),
  seed: whole(0, Number.MAX_SAFE_INTEGER).default(0).describe('Base of every seed of the run.'),
  budget: budget.optional().describe('What the run may use up; absent means no limit.'),
  policies: z
    .array(policy)
    .max(STEP_KINDS.length)
    .default([])
    .describe('How steps are repeated and how long their calls may take; kinds that are not named have the defaults.'),
  problems_per_shard: whole(0, LIMITS.problemsPerShard)
    .default(0)
    .describe(
      'Problems a shard of sampling and scoring; 0 means as many as make 1024 completions. Results do not depend on it.',
    ),
};

export const envelope = z.strictObject({ ...uploaded, ...stated });
export type Envelope = z.output<typeof envelope>;

/** What a person calls a field in a run file, where that differs: there, model is what the run starts from. */
const FILE_NAMES = { display_name: 'name', model: 'publish_as' } as const;
type FileNames = typeof FILE_NAMES;
type Stated = typeof stated;

/** A field of the envelope -> its key in a run file. */
export const fileKeyOf = (field: string): string => (FILE_NAMES as Readonly<Record<string, string>>)[field] ?? field;

/** The keys of a run file that state the envelope. */
export const fileEnvelopeKeys = Object.fromEntries(
  Object.entries(stated).map(([field, schema]) => [fileKeyOf(field), schema]),
) as { [Field in keyof Stated as Field extends keyof FileNames ? FileNames[Field] : Field]: Stated[Field] };

/** Keys of a run file that stand for what is uploaded before the run is created. No setting of a recipe has such a name. */
export const UPLOAD_KEYS = [
  'model',
  'checkpoint',
  'difficulty',
  'prompt',
  'scorers',
  'train',
  'validation',
  'test',
] as const;

/** Names that no setting of a recipe may have: in a run file both stand side by side. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set([
  ...UPLOAD_KEYS,
  ...Object.keys(envelope.shape),
  ...Object.keys(fileEnvelopeKeys),
]);
