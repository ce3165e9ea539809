/** run.yaml: what a user says of a run, checked. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BENCHMARK_NAMES, DEFAULT_SCORERS, PROMPT_STYLES } from '@hone/benchmarks';
import { invalidArgument, invalidArguments, notFound } from '@hone/errors';
import type { PartialMessage, ScorerRef } from '@hone/contracts';
import yaml from 'yaml';
import { z } from 'zod';
import { isCheckpointName, isModelId } from './checkpoint-reference.ts';
import { parseHubName } from './hub-model.ts';
import { lossFields } from './loss-fields.ts';
import { runKeys } from './run-keys.ts';
import { scorerEntry, scorerRef } from './scorer-file.ts';

const count = z.number().int().min(1);

const sampling = z.strictObject({
  temperature: z.number().min(0).default(0.8),
  top_k: z.number().int().min(0).default(0),
  top_p: z.number().gt(0).max(1).default(1),
  max_tokens: count,
  stop: z.array(z.string()).default([]),
  stop_token_ids: z.array(z.number().int().min(0)).default([]),
  weights: z.enum(['fp32', 'int8']).default('fp32'),
});

const difficulty = z.strictObject({
  min_steps: count.optional(),
  max_steps: count.optional(),
  max_start: count.optional(),
  max_operand: count.optional(),
  max_value: count.optional(),
  multiplication: z.boolean().optional(),
});

/** Problems from a file, or generated ones. */
const problems = z.strictObject({
  file: z.string().optional(),
  offset: z.number().int().min(0).default(0),
  count: z.number().int().min(0).default(0),
  /** Only problems that are held out of the file for choosing among checkpoints, or only the rest of it. */
  selection: z
    .strictObject({ count, part: z.enum(['held-out', 'rest']), seed: z.number().int().min(0).default(0) })
    .optional(),
});

const training = z.strictObject({
  learning_rate: z.number().gt(0),
  batch_size: count.default(16),
  batch_unit: z.enum(['pairs', 'problems']).default('pairs'),
  epochs: count.default(1),
  max_steps: z.number().int().min(0).default(0),
  warmup_steps: z.number().int().min(0).default(0),
  schedule: z.enum(['constant', 'linear', 'cosine']).default('constant'),
  weight_decay: z.number().min(0).default(0),
  max_grad_norm: z.number().min(0).default(1),
  max_length: z.number().int().min(0).default(0),
  ...lossFields,
  recompute_activations: z.boolean().default(false),
  stop_when_chosen_falls: z.boolean().default(false),
  lora: z
    .strictObject({ rank: count, alpha: z.number().gt(0).default(16), target_modules: z.array(z.string()).default([]) })
    .optional(),
});

/** With or without its collection, as much of the digest as tells it from others. */
const checkpointName = z
  .string()
  .refine(
    isCheckpointName,
    'must be a name of "hone checkpoints list" with at least 8 digits, MODEL@ALIAS or MODEL@VERSION',
  );

const modelId = z.string().refine(isModelId, 'must be small letters, digits and hyphens, 63 at most');

const runFile = z.strictObject({
  name: z.string().default(''),
  /** A model folder, a .gguf, or org/name of the hub. */
  model: z.string().optional(),
  checkpoint: checkpointName.optional(),
  /** The model of the register of which every checkpoint of the run becomes a version. */
  publish_as: modelId.optional(),
  benchmark: z.enum(BENCHMARK_NAMES),
  difficulty: difficulty.optional(),
  /** Default: the paper's of the benchmark. */
  prompt: z.enum(PROMPT_STYLES).optional(),
  /** Who judges; default: the benchmark's own scorer. */
  scorer: scorerEntry.optional(),
  /** Who judges, by benchmark: for files that share their scorers. */
  scorers: z.partialRecord(z.enum(BENCHMARK_NAMES), scorerEntry).optional(),
  train: problems,
  /** Held-out problems by which checkpoints are chosen. */
  validation: problems.optional(),
  test: problems,
  iterations: count.default(1),
  problems_per_iteration: z.number().int().min(0).default(0),
  samples_per_problem: z.number().int().min(2),
  sampling,
  pairs: z.strictObject({
    per_problem: count,
    unscorable: z.enum(['loser', 'drop']).default('loser'),
    truncated_lose: z.boolean().default(false),
  }),
  training,
  evaluation: z.strictObject({
    greedy: z.boolean().default(true),
    max_tokens: count.optional(),
    majority_k: z.number().int().min(0).default(0),
    majority_temperature: z.number().gt(0).default(0.8),
  }),
  ...runKeys,
  seed: z.number().int().min(0).default(0),
});
/** A run file, and the folder that its paths are relative to. */
export type RunFile = z.infer<typeof runFile> & { readonly folder: string };

/** ${NAME} and ${NAME:-default} of the environment, so that an example need not know where data lies. */
function substitute(text: string): string {
  return text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (whole, name: string, fallback?: string) => {
    const value = process.env[name] ?? fallback;
    if (value === undefined)
      throw invalidArgument(whole, `the environment variable ${name} is not set, and there is no default`);
    return value;
  });
}

function parseYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') throw notFound(`run file ${file}`, 'check the path');
    throw thrown;
  }
  try {
    return yaml.parse(substitute(text));
  } catch (thrown) {
    if (thrown instanceof yaml.YAMLParseError) throw invalidArgument(file, thrown.message.split('\n')[0]!, thrown);
    throw thrown;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'a mapping of keys to values',
};

/** The broken rule in Hone's words. */
function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_small' && issue.origin === 'number')
    return `must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}, but is ${String(issue.input)}`;
  if (issue.code === 'too_big' && issue.origin === 'number')
    return `must be ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}, but is ${String(issue.input)}`;
  if (issue.code === 'unrecognized_keys') return `unknown key ${issue.keys.join(', ')} (examples/ shows what there is)`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_type')
    return issue.input === undefined ? 'must be set' : `must be ${TYPES[issue.expected] ?? issue.expected}`;
  return issue.message;
}

/** Rules between fields. */
function checkTogether(run: z.infer<typeof runFile>): void {
  if (run.scorer !== undefined && run.scorers !== undefined)
    throw invalidArgument('scorers', 'must not be set beside scorer');
  if ((run.model === undefined) === (run.checkpoint === undefined))
    throw invalidArgument('model', 'exactly one of model (a folder or .gguf) and checkpoint (a name) must be set');
  const generated = run.benchmark === 'arithmetic';
  if (run.difficulty && !generated)
    throw invalidArgument('difficulty', `must not be set for benchmark ${run.benchmark}, whose problems are given`);
  if (run.select && !run.validation) throw invalidArgument('validation', 'must be set where checkpoints are chosen');
  for (const part of ['train', 'validation', 'test'] as const) {
    const problemsOfPart = run[part];
    if (!problemsOfPart) continue;
    const { file, count: problemCount, selection } = problemsOfPart;
    if (generated && selection)
      throw invalidArgument(`${part}.selection`, 'must not be set for benchmark arithmetic, whose splits are disjoint');
    if (!generated && file === undefined)
      throw invalidArgument(`${part}.file`, `must be set for benchmark ${run.benchmark}`);
    if (generated && file !== undefined)
      throw invalidArgument(`${part}.file`, 'must not be set for benchmark arithmetic, whose problems are generated');
    if (generated && problemCount === 0)
      throw invalidArgument(`${part}.count`, 'must be at least 1 for benchmark arithmetic');
  }
}

/** A model beside the run file where there is one; else what may be a name of the hub stays as it is. */
function modelOf(model: string | undefined, beside: (name: string) => string): string | undefined {
  if (model === undefined) return undefined;
  return parseHubName(model) && !existsSync(beside(model)) ? model : beside(model);
}

/** Reads and checks a run file; every broken rule is named with its path. Paths in it are relative to the file. */
export function readRunFile(file: string): RunFile {
  const checked = runFile.safeParse(parseYaml(file), { reportInput: true });
  if (!checked.success) {
    throw invalidArguments(
      checked.error.issues.map((issue) => ({ field: issue.path.join('.') || file, description: ruleOf(issue) })),
    );
  }
  const run = checked.data;
  checkTogether(run);
  const beside = (name: string): string => path.resolve(path.dirname(file), name);
  const data = <Part extends RunFile['validation']>(part: Part): Part =>
    part && { ...part, file: part.file && beside(part.file) };
  const folder = path.dirname(file);
  const parts = { train: data(run.train), validation: data(run.validation), test: data(run.test) };
  return { ...run, folder, model: modelOf(run.model, beside), ...parts };
}

/** The scorer of a run: the one named, else that of its benchmark, else the benchmark's own. */
export function scorerOf({ scorer, scorers, benchmark, folder }: RunFile): PartialMessage<ScorerRef> {
  const entry = scorer ?? scorers?.[benchmark];
  if (!entry) return { name: DEFAULT_SCORERS[benchmark] };
  return scorerRef(entry, (file) => path.resolve(folder, file));
}
