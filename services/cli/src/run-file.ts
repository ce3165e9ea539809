/** run.yaml: what a user says of a run, checked. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  BENCHMARK_NAMES,
  DEFAULT_SCORERS,
  importedFile,
  PROMPT_STYLES,
  publicBenchmark,
  splitOf,
  type BenchmarkName,
} from '@hone/benchmarks';
import { invalidArgument, invalidArguments } from '@hone/errors';
import type { PartialMessage, ScorerRef } from '@hone/contracts';
import { z } from 'zod';
import { isCheckpointName, isModelId } from './checkpoint-reference.ts';
import { parseHubName } from './hub-model.ts';
import { lossFields } from './loss-fields.ts';
import { keysOf, nearestKey } from './nearest-key.ts';
import { runKeys } from './run-keys.ts';
import { scorerEntry, scorerRef } from './scorer-file.ts';
import { applySettings, type Setting } from './settings.ts';
import { readYamlFile } from './yaml-file.ts';

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

/** Problems from a file, from what was imported, or generated ones. */
const problems = z.strictObject({
  /** Default: the run's. */
  benchmark: z.enum(BENCHMARK_NAMES).optional(),
  file: z.string().optional(),
  /** Which imported split; default: the one that the part is named after, train where checkpoints are chosen. */
  split: z.string().optional(),
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
  /** Default: that of the training problems. */
  benchmark: z.enum(BENCHMARK_NAMES).optional(),
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
type Stated = z.infer<typeof runFile>;

/** Problems whose benchmark is known. */
export type ProblemsOf = z.infer<typeof problems> & { readonly benchmark: BenchmarkName };

/** A run file, and the folder that its paths are relative to. */
export type RunFile = Omit<Stated, 'benchmark' | 'train' | 'validation' | 'test'> & {
  readonly folder: string;
  readonly benchmark: BenchmarkName;
  readonly train: ProblemsOf;
  readonly validation?: ProblemsOf | undefined;
  readonly test: ProblemsOf;
};

const PARTS = ['train', 'validation', 'test'] as const;
const KEYS = keysOf(runFile);

/** ${NAME} and ${NAME:-default} of the environment, so that an example need not know where data lies. */
function substitute(text: string): string {
  return text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (whole, name: string, fallback?: string) => {
    const value = process.env[name] ?? fallback;
    if (value === undefined)
      throw invalidArgument(whole, `the environment variable ${name} is not set, and there is no default`);
    return value;
  });
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
  if (issue.code === 'unrecognized_keys') {
    const path = [...issue.path.filter((part) => typeof part === 'string'), issue.keys[0]].join('.');
    const meant = nearestKey(path, KEYS);
    return `unknown key ${issue.keys.join(', ')} (${meant ? `did you mean ${meant}?` : 'examples/ shows what there is'})`;
  }
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_type')
    return issue.input === undefined ? 'must be set' : `must be ${TYPES[issue.expected] ?? issue.expected}`;
  return issue.message;
}

function checkProblems(part: (typeof PARTS)[number], given: ProblemsOf): void {
  const { benchmark, file, split, count: problemCount, selection } = given;
  const generated = benchmark === 'arithmetic';
  if (generated && selection)
    throw invalidArgument(`${part}.selection`, 'must not be set for benchmark arithmetic, whose splits are disjoint');
  if (generated && (file !== undefined || split !== undefined))
    throw invalidArgument(
      `${part}.${file === undefined ? 'split' : 'file'}`,
      'must not be set for benchmark arithmetic, whose problems are generated',
    );
  if (generated && problemCount === 0)
    throw invalidArgument(`${part}.count`, 'must be at least 1 for benchmark arithmetic');
  if (benchmark === 'jsonl' && file === undefined)
    throw invalidArgument(`${part}.file`, 'must be set for benchmark jsonl, whose problems are your own');
  if (file !== undefined && split !== undefined)
    throw invalidArgument(`${part}.split`, 'must not be set beside file: it names a split of what was imported');
}

/** Rules between fields. */
function checkTogether(run: RunFile): void {
  if (run.scorer !== undefined && run.scorers !== undefined)
    throw invalidArgument('scorers', 'must not be set beside scorer');
  if ((run.model === undefined) === (run.checkpoint === undefined))
    throw invalidArgument('model', 'exactly one of model (a folder or .gguf) and checkpoint (a name) must be set');
  const benchmarks = PARTS.flatMap((part) => run[part]?.benchmark ?? []);
  if (run.difficulty && !benchmarks.includes('arithmetic'))
    throw invalidArgument('difficulty', `must not be set for benchmark ${run.benchmark}, whose problems are given`);
  const judges = new Set(benchmarks.map((benchmark) => DEFAULT_SCORERS[benchmark]));
  if (judges.size > 1 && run.scorer === undefined && run.scorers?.[run.benchmark] === undefined)
    throw invalidArgument(
      'scorer',
      `must be set where the benchmarks of the parts have several (${[...judges].join(', ')})`,
    );
  if (run.select && !run.validation) throw invalidArgument('validation', 'must be set where checkpoints are chosen');
  for (const part of PARTS) if (run[part]) checkProblems(part, run[part]);
}

/** A model beside the run file where there is one; else what may be a name of the hub stays as it is. */
function modelOf(model: string | undefined, beside: (name: string) => string): string | undefined {
  if (model === undefined) return undefined;
  return parseHubName(model) && !existsSync(beside(model)) ? model : beside(model);
}

/** Where a document comes from: what errors name, and the folder that its paths are relative to. */
interface Origin {
  readonly file: string;
  readonly folder: string;
}

/** Checks what a run file says; every broken rule is named with its path. */
export function checkRunFile(document: unknown, { file, folder }: Origin): RunFile {
  const checked = runFile.safeParse(document, { reportInput: true });
  if (!checked.success) {
    throw invalidArguments(
      checked.error.issues.map((issue) => ({ field: issue.path.join('.') || file, description: ruleOf(issue) })),
    );
  }
  const stated = checked.data;
  const benchmark = stated.benchmark ?? stated.train.benchmark;
  if (benchmark === undefined) throw invalidArgument('benchmark', 'must be set, for all problems or in train');
  const beside = (name: string): string => path.resolve(folder, name);
  const part = (given: z.infer<typeof problems>): ProblemsOf => ({
    ...given,
    benchmark: given.benchmark ?? benchmark,
    file: given.file && beside(given.file),
  });
  const { train, validation, test } = stated;
  const parts = { train: part(train), validation: validation && part(validation), test: part(test) };
  const run = { ...stated, folder, benchmark, model: modelOf(stated.model, beside), ...parts };
  checkTogether(run);
  return run;
}

/** Reads and checks a run file, with settings in place of what it says. Paths in it are relative to the file. */
export function readRunFile(file: string, settings: readonly Setting[] = []): RunFile {
  const document = readYamlFile(file, 'run file', substitute);
  const changed = settings.length === 0 ? document : applySettings(document, settings);
  return checkRunFile(changed, { file, folder: path.dirname(file) });
}

/** Names the files of what was imported, for parts that name none. */
export async function withImported(run: RunFile, folder: string): Promise<RunFile> {
  const found: [string, ProblemsOf][] = [];
  for (const name of PARTS) {
    const part = run[name];
    if (!part || part.file !== undefined || part.benchmark === 'arithmetic') continue;
    const split = part.split ?? (name === 'test' ? 'test' : 'train');
    splitOf(publicBenchmark(part.benchmark), split);
    found.push([name, { ...part, file: await importedFile(folder, part.benchmark, split) }]);
  }
  return { ...run, ...Object.fromEntries(found) };
}

/** The scorer of a run: the one named, else that of its benchmark, else the benchmark's own. */
export function scorerOf({ scorer, scorers, benchmark, folder }: RunFile): PartialMessage<ScorerRef> {
  const entry = scorer ?? scorers?.[benchmark];
  if (!entry) return { name: DEFAULT_SCORERS[benchmark] };
  return scorerRef(entry, (file) => path.resolve(folder, file));
}
