/** `hone feedback`: judging what runs ask people, in a terminal or by commands. */
import {
  GetFeedbackProgressRequest,
  NextItemRequest,
  PreferenceChoice,
  SkipItemRequest,
  SubmitFeedbackRequest,
  type FeedbackItem,
} from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { callUnary } from '@hone/rpc';
import { columnsOf, prose } from '@hone/terminal';
import { Option, type Command } from 'commander';
import { itemDocument, itemText, outcomeText } from '../../feedback/item-lines.ts';
import { judgeItems, keysOf, type AnnotatorQueue, type Sitting } from '../../feedback/judge-items.ts';
import { progressDocument, progressText } from '../../feedback/progress-lines.ts';
import { withPlatform, type Clients } from '../../platform/platform.ts';
import { accountAtHost } from '../../run/account.ts';
import { homeOf, number, outputOf, resourceName } from '../common.ts';

interface AnnotatorOptions {
  readonly annotator: string;
  readonly json: boolean;
}

interface NextOptions extends AnnotatorOptions {
  readonly run?: string;
  readonly lease: number;
}

const CHOICES = {
  a: PreferenceChoice.A,
  b: PreferenceChoice.B,
  tie: PreferenceChoice.TIE,
  neither: PreferenceChoice.NEITHER,
} as const;

const DEFAULT_LEASE_SECONDS = 600;

const addAnnotator = (command: Command): Command =>
  command
    .option('--annotator <name>', 'who judges (HONE_ANNOTATOR)', process.env['HONE_ANNOTATOR'] || accountAtHost())
    .option('--json', 'one JSON document on stdout', false);

const addWhich = (command: Command): Command =>
  addAnnotator(command)
    .option('--run <run>', 'what this run asks alone')
    .option('--lease <seconds>', 'for how long an item is held for the annotator', number, DEFAULT_LEASE_SECONDS);

async function next({ feedback }: Clients, options: NextOptions): Promise<FeedbackItem | undefined> {
  const { run, annotator, lease: leaseSeconds } = options;
  const of = run === undefined ? '' : resourceName('runs', run);
  return (await callUnary(feedback, 'nextItem', NextItemRequest.fromPartial({ run: of, annotator, leaseSeconds })))
    .item;
}

const submit = ({ feedback }: Clients, given: Partial<SubmitFeedbackRequest>): Promise<FeedbackItem> =>
  callUnary(feedback, 'submitFeedback', SubmitFeedbackRequest.fromPartial(given));

const skip = ({ feedback }: Clients, item: string, annotator: string): Promise<FeedbackItem> =>
  callUnary(feedback, 'skipItem', SkipItemRequest.fromPartial({ item, annotator }));

const queueOf = (clients: Clients, options: NextOptions): AnnotatorQueue => ({
  next: () => next(clients, options),
  submit: (item, choice) => submit(clients, { item, annotator: options.annotator, choice }),
  skip: (item) => skip(clients, item, options.annotator),
});

function sittingText({ judged, skipped, isEmpty }: Sitting, annotator: string): string {
  const done = `${judged} judged, ${skipped} skipped`;
  return isEmpty ? `${done}; nothing is left to judge for ${annotator}` : done;
}

/** Judges at a terminal until nothing is left. */
async function sit(clients: Clients, options: NextOptions): Promise<void> {
  const keys = keysOf(process.stdin);
  try {
    const desk = { keys, columns: columnsOf(), write: (text: string) => void process.stdout.write(text) };
    const sitting = await judgeItems(queueOf(clients, options), desk);
    outputOf(options).result(sitting, () => sittingText(sitting, options.annotator));
  } finally {
    await keys.return();
  }
}

function addNext(feedback: Command): void {
  addWhich(feedback.command('next'))
    .description('the next comparison for an annotator, who has it for a while; the same one again until it is judged')
    .action(async (options: NextOptions, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const item = await next(clients, options);
        outputOf(options).result({ item: item ? itemDocument(item) : null }, () =>
          item ? itemText(item, columnsOf()) : `nothing is left to judge for ${options.annotator}`,
        );
      });
    });
}

interface SubmitOptions extends AnnotatorOptions {
  readonly choice: keyof typeof CHOICES;
  readonly comment: string;
}

function addSubmit(feedback: Command): void {
  addAnnotator(feedback.command('submit <item>'))
    .description('judge a comparison')
    .addOption(new Option('--choice <choice>', 'which is better').choices(Object.keys(CHOICES)).makeOptionMandatory())
    .option('--comment <text>', 'why, for people', '')
    .action(async (text: string, options: SubmitOptions, command: Command) => {
      const { annotator, choice, comment } = options;
      const given = { item: resourceName('feedbackItems', text), annotator, choice: CHOICES[choice], comment };
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const item = await submit(clients, given);
        outputOf(options).result(itemDocument(item), () => outcomeText(item));
      });
    });
}

function addSkip(feedback: Command): void {
  addAnnotator(feedback.command('skip <item>'))
    .description('give a comparison back without a judgement; the annotator is not asked again')
    .action(async (text: string, options: AnnotatorOptions, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async (clients) => {
        const item = await skip(clients, resourceName('feedbackItems', text), options.annotator);
        outputOf(options).result(itemDocument(item), () => outcomeText(item));
      });
    });
}

function addProgress(feedback: Command): void {
  feedback
    .command('progress <run>')
    .description('how far people are with what a run asks, and whether they agree')
    .option('--json', 'one JSON document on stdout', false)
    .action(async (text: string, options: { json: boolean }, command: Command) => {
      const run = resourceName('runs', text);
      await withPlatform({ home: homeOf(command) }, async ({ feedback: client }) => {
        const request = GetFeedbackProgressRequest.fromPartial({ run });
        const progress = await callUnary(client, 'getFeedbackProgress', request);
        outputOf(options).result({ run, ...progressDocument(progress) }, () =>
          prose(progressText(run, progress), columnsOf()),
        );
      });
    });
}

function addJudge(feedback: Command): void {
  addWhich(feedback.command('judge', { isDefault: true }))
    .description('at a terminal: one comparison after the other, a key each; hone feedback alone is this one')
    .action(async (options: NextOptions, command: Command) => {
      if (!process.stdin.isTTY)
        throw invalidArgument('hone feedback', 'needs a terminal; without one use: hone feedback next, submit, skip');
      const onStart = (): void => outputOf(options).line('starting the services …');
      await withPlatform({ home: homeOf(command), onStart }, (clients) => sit(clients, options));
    });
}

/** `hone feedback` and `hone feedback …`. */
export function addFeedbackCommands(program: Command): void {
  const feedback = program
    .command('feedback')
    .description('judge what runs ask people (recipe human-feedback): which of two completions is better');
  addJudge(feedback);
  addNext(feedback);
  addSubmit(feedback);
  addSkip(feedback);
  addProgress(feedback);
}
