/** All commands, and what holds for each of them. */
import { columnsOf, helpWidth, wrap } from '@hone/terminal';
import { Command } from 'commander';
import { addArtifactCommands } from './commands/home/artifacts.ts';
import { addBenchmarkCommands } from './commands/catalogues/benchmarks.ts';
import { addCheckpointCommands } from './commands/checkpoints/checkpoints.ts';
import { addDemoCommand } from './commands/home/demo.ts';
import { addDescribeCommand } from './commands/home/describe.ts';
import { addDoctorCommand } from './commands/home/doctor.ts';
import { addEvalCommand } from './commands/calls/eval.ts';
import { addGenerateCommand } from './commands/calls/generate.ts';
import { addFeedbackCommands } from './commands/runs/feedback.ts';
import { addLineageCommand } from './commands/checkpoints/lineage.ts';
import { addLogprobsCommand } from './commands/calls/logprobs.ts';
import { addModelCommands } from './commands/checkpoints/models.ts';
import { addPairCommands } from './commands/calls/pairs.ts';
import { addRecipeCommands } from './commands/catalogues/recipes.ts';
import { addRuleCommands } from './commands/catalogues/rules.ts';
import { addCompareCommand } from './commands/runs/compare.ts';
import { addRunCommands } from './commands/runs/runs.ts';
import { addScoreCommand } from './commands/calls/score.ts';
import { addScorerCommands } from './commands/catalogues/scorer.ts';
import { addTrainCommand } from './commands/calls/train.ts';
import { addUpCommand } from './commands/home/up.ts';

/** The command line as commander knows it. */
export function makeProgram(): Command {
  const program = new Command('hone')
    .description('Makes language models reason better by Iterative Reasoning Preference Optimization.')
    .version(process.env.HONE_VERSION ?? '0.0.0')
    .option('--home <folder>', 'where runs, checkpoints and logs live (HONE_HOME)', process.env['HONE_HOME'] ?? '.hone')
    .option(
      '--server <host:port>',
      'use the deployment of the orchestrator at this address, not services of this machine (HONE_SERVER)',
      process.env['HONE_SERVER'],
    )
    .option(
      '--recipes <folder>',
      "folder with recipes of your own, beside Hone's, for services that are started (HONE_RECIPES)",
      process.env['HONE_RECIPES'],
    )
    .option(
      '--engines <folder>',
      "folder with engines of your own, beside Hone's, for services that are started (HONE_ENGINES)",
      process.env['HONE_ENGINES'],
    )
    .option(
      '--sampling-engine <name>',
      'what a sampler that is started computes with (HONE_ENGINE); hone describe says what one that runs has',
    )
    .option('--training-engine <name>', 'what a trainer that is started computes with (HONE_ENGINE)')
    .exitOverride()
    // Inherited by all commands: help and complaints as wide as the terminal, broken between words.
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({
      getOutHelpWidth: () => helpWidth(process.stdout),
      getErrHelpWidth: () => helpWidth(process.stderr),
      outputError: (text, write) => write(wrap(text, columnsOf(process.stderr))),
    });

  addUpCommand(program);
  addDemoCommand(program);
  addRunCommands(program);
  addFeedbackCommands(program);
  addCompareCommand(program);
  addRecipeCommands(program);
  addCheckpointCommands(program);
  addModelCommands(program);
  addLineageCommand(program);
  addArtifactCommands(program);
  addGenerateCommand(program);
  addLogprobsCommand(program);
  addEvalCommand(program);
  addBenchmarkCommands(program);
  addTrainCommand(program);
  addScoreCommand(program);
  addScorerCommands(program);
  addRuleCommands(program);
  addPairCommands(program);
  addDescribeCommand(program);
  addDoctorCommand(program);
  return program;
}
