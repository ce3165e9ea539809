import path from 'node:path';
import { requireRealFileSystem, writeFileAtomically } from '@hone/artifacts';
import { DEFAULT_SCORERS, PROMPT_STYLES, shots, type BenchmarkSpec } from '@hone/benchmarks';
import {
  GetRunRequest,
  type EvaluateRequest,
  type PartialMessage,
  type ProblemSet,
  type ScorerRef,
} from '@hone/contracts';
import { failedPrecondition } from '@hone/errors';
import { callUnary } from '@hone/rpc';
import { makeProgress, Output } from '@hone/terminal';
import { Option, type Command } from 'commander';
import { allowScorer } from '../../platform/allowed.ts';
import { earlierOf, readResult, withComparison, type EarlierResult } from '../../evaluation/compare-result.ts';
import type { ResultDocument } from '../../evaluation/document.ts';
import { evaluateCheckpoint } from '../../evaluation/evaluate-checkpoint.ts';
import { digestedProblems, specOf, styleOf, type ProblemOptions } from '../../evaluation/problems.ts';
import { markdown, resultTable } from '../../evaluation/render.ts';
import { checkpointOf, type ModelOptions } from '../../models/model-options.ts';
import { withPlatform, type Clients } from '../../platform/platform.ts';
import { addReachOptions, scorerRefOf, settingOption, type ScorerOptions } from '../../scoring/scorer-options.ts';
import { uploadProblems } from '../../files/uploads.ts';
import { homeOf, integer, number, resourceName, seedOption } from '../common.ts';

interface EvalOptions extends ModelOptions, ProblemOptions, Partial<ScorerOptions> {
  readonly run?: string;
  readonly greedy: boolean;
  readonly k: number;
  readonly samples?: number;
  readonly at: readonly number[];
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly compare?: string;
  readonly output?: string;
  readonly format: 'json' | 'markdown' | 'table';
  readonly json: boolean;
}

/** A base model goes on with a question of its own behind its answer; nothing there is judged, so it need not be drawn. */
const STOPS_OF_TEXT = ['\nQuestion:'];

const stopsOf = ({ stop, ...options }: EvalOptions): readonly string[] =>
  stop.length > 0 || styleOf(options).endsWith('-chat') || options.benchmark === 'jsonl' ? stop : STOPS_OF_TEXT;

/** What is asked of the evaluator for each checkpoint. */
function requestOf(options: EvalOptions, checkpoint: string, { name }: ProblemSet): PartialMessage<EvaluateRequest> {
  const { greedy, k, samples = k, at, maxTokens, temperature, topP, topK, seed } = options;
  const stop = [...stopsOf(options)];
  const sampling = { temperature, topP, topK, maxTokens, stop };
  return {
    checkpoint,
    problemSet: name,
    spec: { greedy, maxTokens, stop, ...(k > 0 && { majority: { k, samples, alsoAt: [...at], sampling } }) },
    seed,
  };
}

interface Candidate {
  readonly checkpoint: string;
  readonly model: string;
}

/** The checkpoints that the options mean: one, or all of a run from the first on. */
async function candidatesOf(clients: Clients, options: EvalOptions): Promise<Candidate[]> {
  if (options.run === undefined) {
    const checkpoint = await checkpointOf(clients, options);
    return [{ checkpoint, model: options.model === undefined ? options.checkpoint! : path.basename(options.model) }];
  }
  const name = resourceName('runs', options.run);
  const run = await callUnary(clients.orchestrator, 'getRun', GetRunRequest.fromPartial({ name }));
  const made = run.iterations.filter(({ checkpoint }) => checkpoint !== '');
  if (made.length === 0) throw failedPrecondition('NO_CHECKPOINTS', `${name} has made no checkpoint yet`);
  return made.map(({ index, checkpoint }) => ({ checkpoint, model: `M_${index}` }));
}

/** What the options mean, checked. */
interface Checked {
  readonly spec: BenchmarkSpec;
  readonly earlier: EarlierResult | undefined;
  readonly scorer: ScorerRef;
}

/** Evaluates all candidates on the same problems; those of a run are compared with the one before them. */
async function evaluateAll(
  clients: Clients,
  options: EvalOptions,
  { spec, earlier, scorer }: Checked,
): Promise<ResultDocument[]> {
  const { problems, dataDigest } = digestedProblems(spec);
  const problemSet = await uploadProblems(clients, problems);
  const digest = dataDigest();
  const prompt = styleOf(options);
  const { benchmark } = options;
  const split =
    options.file === undefined
      ? options.split
      : path.basename(options.file).replace(/\.(?:jsonl|json|parquet)(?:\.gz)?$/, '');
  const results: ResultDocument[] = [];
  const progress = makeProgress(outputOf(options));
  for (const { checkpoint, model } of await candidatesOf(clients, options)) {
    const subject = { benchmark, split, prompt, shots: shots(benchmark, prompt), model, dataDigest: digest };
    const result = await evaluateCheckpoint(
      clients,
      { ...requestOf(options, checkpoint, problemSet), scorer },
      subject,
      progress,
    );
    const last = results.at(-1);
    const before = earlier ?? (last && earlierOf(last));
    results.push(before ? withComparison(result, before, options.seed) : result);
  }
  return results;
}

const formatOf = ({ json, format }: EvalOptions): EvalOptions['format'] => (json ? 'json' : format);
const outputOf = (options: EvalOptions): Output => new Output(formatOf(options) === 'json');

/** One result, or those of a run under its name. */
function documentOf(results: readonly ResultDocument[], run: string | undefined): object {
  return run === undefined ? results[0]! : { run: resourceName('runs', run), results };
}

function textOf(results: readonly ResultDocument[], format: EvalOptions['format']): string {
  return format === 'markdown' ? results.map(markdown).join('\n\n') : resultTable(results);
}

const listed = (text: string, before: readonly string[]): string[] => [...before, text];
const listedCounts = (text: string, before: readonly number[]): number[] => [...before, integer(1)(text)];

/** `hone eval`: a checkpoint, a model or all checkpoints of a run on a benchmark. */
export function addEvalCommand(program: Command): void {
  const command = program
    .command('eval')
    .description('measure a model on a benchmark; what was killed goes on when it is asked for again')
    .option('--checkpoint <name>', 'a checkpoint of this home')
    .option('--model <folder>', 'a Hugging Face model folder, a .gguf file or org/name of the hub')
    .option('--run <name>', 'every checkpoint of a run, each compared with the one before it')
    .requiredOption('--benchmark <name>', 'gsm8k, math, arc, arithmetic or jsonl')
    .option('--file <file>', 'the problems (default: those imported with hone benchmarks import)')
    .option('--split <name>', 'which of the imported splits', 'test')
    .addOption(
      new Option('--prompt <style>', "how problems are put (default: the paper's)").choices([...PROMPT_STYLES]),
    )
    .option('--held-out <number>', 'only so many held-out problems of the split', integer(1))
    .option('--held-out-seed <number>', 'which problems those are', integer(0), 0)
    .option('--offset <number>', 'problems to skip', integer(0), 0)
    .option('--limit <number>', 'most problems', integer(1))
    .option('--no-greedy', 'leave greedy accuracy out')
    .option('--k <number>', 'votes of maj@k, which is measured with pass@k; 0 draws none', integer(0), 0)
    .option('--samples <number>', 'samples a problem, at least k (default: k)', integer(1))
    .option('--at <k>', 'a further k of pass@k and maj@k; may be given several times', listedCounts, [])
    .option('--temperature <number>', 'of the votes', number, 0.8)
    .option('--top-k <number>', 'of the votes: keep the k most probable tokens; 0 keeps all', integer(0), 0)
    .option('--top-p <number>', 'of the votes: keep the most probable tokens that reach this mass', number, 1)
    .option('--max-tokens <number>', 'most tokens of a completion', integer(1), 512)
    .option('--stop <text>', 'a text that ends a completion; may be given several times', listed, [])
    .option('--scorer <name>', "who judges (default: the benchmark's own)")
    .option('--address <host:port>', "a scorer's server; without one the home's own")
    .addOption(settingOption());
  addReachOptions(command)
    .addOption(seedOption('of the votes, the intervals and generated problems', 0n))
    .option('--compare <result.json>', 'an earlier result, to compare with problem by problem')
    .option('--output <file.json>', 'also write the result as JSON')
    .addOption(
      new Option('--format <name>', 'how the result is printed')
        .choices(['json', 'markdown', 'table'])
        .default('table'),
    )
    .option('--json', 'the same as --format json', false)
    .action(async (options: EvalOptions, self: Command) => {
      const named = [options.checkpoint, options.model, options.run].filter((name) => name !== undefined);
      if (named.length !== 1) self.error('error: exactly one of --checkpoint, --model and --run must be given');
      if (!options.greedy && options.k === 0) self.error('error: --no-greedy needs --k');
      // What is wrong with the input is said before anything is started.
      if (options.output !== undefined) requireRealFileSystem(options.output, '--output');
      const spec = await specOf(homeOf(self), options);
      const earlier = options.compare === undefined ? undefined : readResult(options.compare);
      const scorer = scorerRefOf({ ...options, scorer: options.scorer ?? DEFAULT_SCORERS[spec.name] });
      allowScorer(homeOf(self), scorer);
      await withPlatform({ home: homeOf(self), whole: true }, async (clients) => {
        const results = await evaluateAll(clients, options, { spec, earlier, scorer });
        const document = documentOf(results, options.run);
        if (options.output !== undefined)
          await writeFileAtomically(options.output, `${JSON.stringify(document, null, 2)}\n`);
        const format = formatOf(options);
        outputOf(options).result(document, () => textOf(results, format), { keepLines: format === 'markdown' });
      });
    });
}
