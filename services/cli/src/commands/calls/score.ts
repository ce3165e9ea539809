import { once } from 'node:events';
import { countVerdict, judgeInOrder, VerdictCounts, type ScorerRef, type Verdict } from '@hone/contracts';
import { ReplicaSets } from '@hone/rpc';
import { openJudge } from '@hone/scoring';
import { columnsOf, Tick, wrap } from '@hone/terminal';
import type { Command } from 'commander';
import { allowScorer } from '../../platform/allowed.ts';
import { withOwnService } from '../../platform/own-service.ts';
import { scoreItems, verdictLine, verdictText } from '../../scoring/score-lines.ts';
import { addScorerOptions, scorerRefOf, type ScorerOptions } from '../../scoring/scorer-options.ts';
import { homeOf } from '../common.ts';

interface ScoreOptions extends ScorerOptions {
  readonly input: string;
  readonly json: boolean;
  readonly explain: boolean;
}

/** Enough that the scorer's processes never wait for the file. */
const CALLS_IN_FLIGHT = 4;

/** Writes at the pace of the reader. */
async function write(lines: string): Promise<void> {
  if (!process.stdout.write(lines)) await once(process.stdout, 'drain');
}

function summaryOf({ correct, wrong, unscorable, truncated, error }: VerdictCounts): string {
  const named = { right: correct, wrong, unscorable, truncated, errors: error };
  return Object.entries(named)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

/** What a layer says goes on under its text. */
const shown = (verdict: Verdict): string => wrap(verdictText(verdict), columnsOf(), { hanging: 13 });

async function scoreFile(ref: ScorerRef, ownAddress: string, { input, json, explain }: ScoreOptions): Promise<void> {
  const servers = new ReplicaSets({ own: { scorer: ownAddress } });
  const judge = openJudge(ref, { servers, explain });
  const counts = VerdictCounts.fromPartial({});
  const tick = new Tick('verdicts');
  let done = 0;
  try {
    const options = { signal: new AbortController().signal, callsInFlight: CALLS_IN_FLIGHT };
    for await (const { verdicts } of judgeInOrder(
      (items, signal) => judge.judge(items, signal),
      scoreItems(input),
      options,
    )) {
      for (const verdict of verdicts) countVerdict(counts, verdict);
      const lines = verdicts.map((verdict) => (json ? JSON.stringify(verdictLine(verdict)) : shown(verdict)));
      await write(`${lines.join('\n')}\n`);
      done += verdicts.length;
      tick.update(done);
    }
    tick.finish(done, summaryOf(counts));
  } finally {
    servers.close();
  }
}

/** `hone score`: a verdict line for each line of a file, in its order. Only a scorer is started, and none with --address. */
export function addScoreCommand(program: Command): void {
  const command = program.command('score').description('verdicts on the completions of a file');
  addScorerOptions(command)
    .requiredOption(
      '--input <file.jsonl>',
      'lines with "id", "completion", "gold"; "prompt", "finish_reason", "choices"',
    )
    .option('--json', 'a JSON object a line', false)
    .option('--explain', 'what each layer of the scorer saw, behind each verdict', false)
    .action(async (options: ScoreOptions, self: Command) => {
      const ref = scorerRefOf(options);
      if (ref.address !== '') await scoreFile(ref, ref.address, options);
      else {
        allowScorer(homeOf(self), ref);
        await withOwnService(homeOf(self), 'scorer', (address) => scoreFile(ref, address, options));
      }
    });
}
