/**
 * Every reason that an error of Hone may have (google.rpc.ErrorInfo.reason), with its status codes, what it means and what to do.
 * Programs switch on reasons: one is never given another meaning. docs/reference/errors.md is made from this table.
 */
import type { StatusCodeName } from './status-codes.ts';

interface ReasonRow {
  readonly codes: readonly StatusCodeName[];
  readonly meaning: string;
  readonly advice: string;
}

const rows = <const Rows extends Readonly<Record<string, ReasonRow>>>(table: Rows): Rows => table;

/** What any call may end with. */
const OF_EVERY_CALL = rows({
  INVALID_FIELD: {
    codes: ['INVALID_ARGUMENT'],
    meaning: 'A field of the request, or a key of a file, breaks a rule.',
    advice: 'google.rpc.BadRequest names every field with the rule that it breaks.',
  },
  NOT_FOUND: {
    codes: ['NOT_FOUND'],
    meaning: 'A resource or file that is named does not exist.',
    advice: 'List what there is; the metadata have the name that was asked for.',
  },
  CANCELLED: { codes: ['CANCELLED'], meaning: 'The caller cancelled.', advice: 'Nothing is wrong.' },
  DEADLINE_EXCEEDED: {
    codes: ['DEADLINE_EXCEEDED'],
    meaning: "The call's deadline passed.",
    advice: 'Give it more time, or less work.',
  },
  UNIMPLEMENTED: {
    codes: ['UNIMPLEMENTED'],
    meaning: 'What is asked for is not built, or not on this platform: a model family, a type of weights, a setting.',
    advice: 'The message names what is; nothing is computed another way in silence.',
  },
  INTERNAL: {
    codes: ['INTERNAL'],
    meaning: 'A defect of Hone: something that always holds did not.',
    advice: 'The log has the stack. Report it, with the seed.',
  },
  CORRUPT_FILE: {
    codes: ['DATA_LOSS'],
    meaning: 'A stored or given file is damaged.',
    advice: 'The message names file and fault. Give it again; hone artifacts verify reads the whole store.',
  },
  DISK_FULL: {
    codes: ['RESOURCE_EXHAUSTED'],
    meaning: 'The disk, or the quota on it, is full.',
    advice: 'Free some space and resume; hone artifacts gc removes what nothing names.',
  },
  READ_ONLY: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A folder is on a read-only file system.',
    advice: 'Choose another folder.',
  },
  NO_PERMISSION: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The account of the service may not read or write a file, a bucket or an account of S3.',
    advice: 'Change its owner or mode, or the credentials.',
  },
  NO_HOME: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The account has no home folder for downloads or copies.',
    advice: 'Set HF_HOME or HONE_CACHE_DIR.',
  },
  OUT_OF_MEMORY: {
    codes: ['RESOURCE_EXHAUSTED'],
    meaning: 'The model and its work do not fit into the memory that may be used.',
    advice: 'Raise --memory, take a smaller batch, a shorter context, int8 or an adapter.',
  },
  ETAG_MISMATCH: {
    codes: ['ABORTED'],
    meaning: 'A resource has changed since it was read.',
    advice: 'Read it again, then repeat the change.',
  },
});

/** What is between two programs. */
const OF_CONNECTIONS = rows({
  CONNECTION_LOST: {
    codes: ['UNAVAILABLE'],
    meaning: 'The connection was closed under the call.',
    advice: 'Repeat the call.',
  },
  CALL_STANDS_STILL: {
    codes: ['DEADLINE_EXCEEDED'],
    meaning: 'A server gave nothing for so long that it was given up.',
    advice: 'Look at that server; repeat the call.',
  },
  STREAM_IDLE: {
    codes: ['DEADLINE_EXCEEDED'],
    meaning: 'A client sent no further message for a minute.',
    advice: 'Send the next one sooner, or end the stream.',
  },
  STREAM_LIMIT: {
    codes: ['RESOURCE_EXHAUSTED'],
    meaning: 'A caller has too many open streams, or sent too much in one.',
    advice: 'End some, or send less.',
  },
  PEER_UNAVAILABLE: {
    codes: ['UNAVAILABLE'],
    meaning: 'A service that this one needs does not answer that it is serving.',
    advice: 'Start it, or mend its address.',
  },
  PORT_IN_USE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'Another program listens at the address.',
    advice: 'End that, or choose another port; 0 is any free one.',
  },
  WORKER_ENDED: {
    codes: ['UNAVAILABLE'],
    meaning: 'A process that computes ended under its work, most often for lack of memory.',
    advice: 'Repeat the call; the log says how it ended.',
  },
  NOT_BUILT: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A file of the build is missing.',
    advice: 'Run npm run build.',
  },
  OPERATION_STARTS_ELSEWHERE: {
    codes: ['UNAVAILABLE'],
    meaning: 'Another process that shares the store starts the same operation, and does not get ahead with it.',
    advice: 'Repeat the call.',
  },
  SERVICE_RESTARTED: {
    codes: ['ABORTED'],
    meaning: 'An operation was under way when its service ended, and cannot be gone on with.',
    advice: 'Start it again.',
  },
  TOO_MANY_OPERATIONS: {
    codes: ['RESOURCE_EXHAUSTED'],
    meaning: 'Too many operations are under way or queued.',
    advice: 'Ask again when some have ended.',
  },
  QUEUE_FULL: {
    codes: ['RESOURCE_EXHAUSTED'],
    meaning: 'Too many calls of this kind are queued.',
    advice: 'Repeat it when some have ended.',
  },
  TOO_SLOW: {
    codes: ['DEADLINE_EXCEEDED'],
    meaning: 'A new checkpoint was not made within its time.',
    advice: 'Make a smaller one, or give the trainer more threads.',
  },
  NATIVE_RUNTIME_UNAVAILABLE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'ONNX Runtime’s library cannot be loaded through its C API.',
    advice: 'hone doctor says why; HONE_ONNX_API=js takes its JavaScript API.',
  },
});

/** What is about models, sampling and training. */
const OF_MODELS = rows({
  ENGINE_LACKS: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The engine that the service was started with cannot do what is asked for.',
    advice: 'hone describe says what each can; ask another service, or start this one with another --engine.',
  },
  NO_TOKENIZER: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The checkpoint has no tokenizer, and text is asked for.',
    advice: 'Send token ids, or import the model with its tokenizer.json.',
  },
  NO_EOS_TOKEN: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'Nothing says which token ends a completion, so demonstrations cannot be ended.',
    advice: 'Give the model an eos_token_id, or examples as token ids.',
  },
  TEXT_TOO_COSTLY: {
    codes: ['RESOURCE_EXHAUSTED'],
    meaning: 'A text takes the tokenizer or the chat template too much time or memory.',
    advice: 'Shorten the text that the field names.',
  },
  NO_INT8_FORM: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The model’s family has no 8-bit form.',
    advice: 'Sample in fp32.',
  },
  NON_FINITE_LOGITS: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The model gives no finite probabilities: its weights have diverged.',
    advice: 'Go back to an earlier checkpoint, and train with a lower learning rate.',
  },
  NON_FINITE_LOSS: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The training diverged.',
    advice: 'Lower the learning rate, raise nll_alpha, or clip gradients.',
  },
  CHOSEN_LOG_PROB_FALLS: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The chosen became less likely than stop_when_chosen_falls allows.',
    advice: 'Raise nll_alpha, or lower the learning rate.',
  },
  NO_TRAINING_DATA: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'All records are longer than may be trained on.',
    advice: 'Raise max_length, or send shorter ones.',
  },
  STATE_OF_ANOTHER_JOB: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A saved state of training is not of this job.',
    advice: 'Remove the folder that the log names; the job begins anew.',
  },
  NO_ADAPTER: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The checkpoint was not trained as an adapter.',
    advice: 'Export the whole model.',
  },
  UNSUPPORTED_ADAPTER: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'An adapter_config.json has settings that Hone does not compute.',
    advice: 'The message names them. Merge the adapter where it was made, and import the model.',
  },
});

/** What is about judging, rules and problems. */
const OF_DATA = rows({
  BAD_SAMPLER: {
    codes: ['INTERNAL'],
    meaning: 'A sampler broke its contract.',
    advice: 'Mend that sampler.',
  },
  BAD_SCORER: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A scorer broke its contract.',
    advice: 'Mend that scorer: hone scorer check ADDRESS names what is wrong.',
  },
  BAD_RULE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A server of dataset rules broke its contract.',
    advice: 'Mend that rule: hone rule check ADDRESS names what is wrong.',
  },
  SERVICE_UNREACHABLE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The sampler, trainer or evaluator whose address a run names does not answer.',
    advice: 'Start it, or mend its address.',
  },
  SCORER_UNREACHABLE: {
    codes: ['UNAVAILABLE', 'FAILED_PRECONDITION'],
    meaning: 'A scorer does not answer: the deployment’s own (UNAVAILABLE), or one whose address a request names.',
    advice: 'Start it, or mend its address.',
  },
  RULE_UNREACHABLE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A server of dataset rules, whose address a request names, does not answer.',
    advice: 'Start it, or mend its address.',
  },
  SCORER_CHANGED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The scorer’s version changed while it was asked.',
    advice: 'Evaluate again.',
  },
  SCORER_FAILED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The scorer failed on every completion.',
    advice: 'The message has its first error.',
  },
  NO_SCORER: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A server that is checked lists no scorer that can be asked without settings.',
    advice: 'Name one by --scorer.',
  },
  ANSWER_TOO_LARGE: {
    codes: ['RESOURCE_EXHAUSTED'],
    meaning: 'An answer is too large to be compared.',
    advice: 'It is an error of that completion only.',
  },
  JUDGE_BROKEN: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A judge’s endpoint answered with something that is no answer of that API.',
    advice: 'Look at the endpoint.',
  },
  JUDGE_REFUSED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A judge’s endpoint refused the question.',
    advice: 'The message has its words: mostly the key or the name of the model.',
  },
  JUDGE_UNREACHABLE: {
    codes: ['UNAVAILABLE'],
    meaning: 'A judge’s endpoint cannot be reached.',
    advice: 'Look at its address and at the proxies; repeat the call.',
  },
  NO_PROBLEMS: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The settings of curriculum leave no problem to sample.',
    advice: 'Raise a weight above 0, set curriculum.within, or take harder problems.',
  },
  NO_PAIRS: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'No pair or example could be built, so there is nothing to train on.',
    advice: 'The message has the report: raise max_tokens, sample more, or take other problems.',
  },
  NO_COMPARISONS: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'No problem has two different completions that people could compare.',
    advice: 'Sample more, hotter or longer; prompts and completions must be texts.',
  },
  NOT_LEASED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The annotator does not have the item, or its lease lapsed and somebody else was asked.',
    advice: 'Take the next item.',
  },
  ALREADY_JUDGED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The annotator judged the item before, and said something else.',
    advice: 'What was said first stands.',
  },
  ITEM_CLOSED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'No judgement of the item is wanted any more.',
    advice: 'Take the next item.',
  },
  BENCHMARK_EXISTS: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The split was imported with other rows.',
    advice: 'Remove its folder to replace it.',
  },
});

/** What is about runs, checkpoints and models. */
const OF_RUNS = rows({
  WRONG_RUN_STATE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The run’s state does not allow this.',
    advice: 'The message says which do.',
  },
  RUN_FAILED: {
    codes: ['ABORTED', 'FAILED_PRECONDITION'],
    meaning: 'The run that is waited for failed.',
    advice: 'The message and the run’s own error say why; hone runs resume goes on with it.',
  },
  RUN_STOPPED: {
    codes: ['CANCELLED'],
    meaning: 'The run that is waited for was paused, cancelled or interrupted.',
    advice: 'hone runs resume goes on with it.',
  },
  PAUSED: { codes: ['CANCELLED'], meaning: 'The run was paused under a step.', advice: 'hone runs resume.' },
  RUN_ENDS_ORCHESTRATOR: {
    codes: ['ABORTED'],
    meaning: 'The orchestrator died three times while this run was under way, so it was set aside.',
    advice: 'See the orchestrator’s log, then resume the run.',
  },
  WORK_KEEPS_FAILING: {
    codes: ['ABORTED'],
    meaning: 'A worker process died twice at the same work.',
    advice: 'The message has the cause, mostly memory.',
  },
  OPERATION_TOO_LATE: {
    codes: ['DEADLINE_EXCEEDED'],
    meaning: 'A step was not done within its policy’s deadline.',
    advice: 'Raise deadline_seconds of policies, or make the step smaller.',
  },
  BUDGET_EXCEEDED: {
    codes: ['RESOURCE_EXHAUSTED'],
    meaning: 'The run’s budget of tokens, seconds or bytes is used up.',
    advice: 'Resume it with a greater budget.',
  },
  RECIPE_CHANGED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The run follows another version of its recipe than this orchestrator has.',
    advice: 'Create a new run, or serve that version.',
  },
  OTHER_RECIPE_VERSION: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'Another version of the recipe is asked for than is served.',
    advice: 'Leave recipe_version out, or name the one that is served.',
  },
  WARM_UP_TARGET_MISSED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'Demonstrations did not bring the model to the accuracy that the warm-up asks for.',
    advice: 'Raise max_rounds, epochs or max_steps, or lower target_accuracy.',
  },
  BEYOND_LAST_EVENT: {
    codes: ['OUT_OF_RANGE'],
    meaning: 'after_event is greater than the number of the run’s last event.',
    advice: 'Watch from the last number that was seen.',
  },
  AMBIGUOUS_NAME: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A shortened name begins several checkpoints.',
    advice: 'Give more digits.',
  },
  CHECKPOINT_DELETED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The checkpoint was deleted.',
    advice: 'Import or make it again.',
  },
  CHECKPOINT_HAS_ALIAS: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A checkpoint that is to be deleted has an alias.',
    advice: 'Move the alias first.',
  },
  CHECKPOINT_HAS_CHILDREN: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'Others were trained from the checkpoint that is to be deleted.',
    advice: 'Force it, if lineages may name what is gone.',
  },
  CHECKPOINT_IN_USE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A run needs the checkpoint that is to be deleted.',
    advice: 'Let the run end, or cancel it; force it where the run has stopped.',
  },
  ALIAS_MOVED: {
    codes: ['ABORTED'],
    meaning: 'An alias is not where the caller thinks.',
    advice: 'Look again, then repeat the change.',
  },
  NO_CHECKPOINTS: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The run has made no checkpoint yet.',
    advice: 'Wait for its first.',
  },
});

/** What is about stores, databases and the hub. */
const OF_STORAGE = rows({
  STORE_UNAVAILABLE: {
    codes: ['UNAVAILABLE'],
    meaning: 'S3 failed after all attempts.',
    advice: 'Repeat it; the message has S3’s own words.',
  },
  NO_CREDENTIALS: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'There are no credentials for S3.',
    advice: 'Set AWS_* as AWS’s own tools read them.',
  },
  FOLDER_EXISTS: {
    codes: ['ALREADY_EXISTS'],
    meaning: 'A folder that is to be made exists.',
    advice: 'Choose another name, or remove it.',
  },
  FOLDER_NOT_EMPTY: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A folder that is to be written holds something.',
    advice: 'Choose another.',
  },
  UNKNOWN_STORE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'Nothing of this home names anything in the store, so nothing is collected.',
    advice: 'Look at --home and HONE_STORE.',
  },
  DATABASE_UNAVAILABLE: {
    codes: ['UNAVAILABLE'],
    meaning: 'The orchestrator’s database does not answer.',
    advice: 'It is tried again; look at the database.',
  },
  DATABASE_REFUSED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The database refuses the orchestrator.',
    advice: 'Look at the user, password and name in DATABASE_URL.',
  },
  DATABASE_FULL: {
    codes: ['RESOURCE_EXHAUSTED'],
    meaning: 'The database’s disk is full: runs wait, because nothing could be noted.',
    advice: 'Free some space.',
  },
  DATABASE_NOT_STARTED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The embedded PostgreSQL does not start.',
    advice: 'The message has its last words; or name a server by DATABASE_URL.',
  },
  DATABASE_NOT_MADE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The embedded PostgreSQL’s data could not be made.',
    advice: 'The message has initdb’s words.',
  },
  DATABASE_NOT_LINKED: {
    codes: ['FAILED_PRECONDITION', 'RESOURCE_EXHAUSTED', 'INTERNAL'],
    meaning: 'Links between the embedded PostgreSQL’s libraries cannot be made.',
    advice: 'Run npm rebuild once with the right to write there.',
  },
  ACCOUNT_WITHOUT_NAME: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The embedded PostgreSQL needs an account that /etc/passwd names.',
    advice: 'Add the line that the message has, or set DATABASE_URL.',
  },
  UNSAFE_FOLDER: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A folder for programs belongs to somebody else.',
    advice: 'Remove it, or set DATABASE_URL.',
  },
  MIGRATION_FAILED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The database’s tables cannot be brought to this version.',
    advice: 'The message says why; nothing was changed.',
  },
  OLD_STATE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The state folder holds a database of another kind.',
    advice: 'Choose another folder, or move the old one away.',
  },
  STATE_IN_USE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'Another orchestrator works on this database or folder.',
    advice: 'End that one, or give this one its own.',
  },
  HUB_UNREACHABLE: {
    codes: ['UNAVAILABLE'],
    meaning: 'The Hugging Face hub cannot be reached.',
    advice: 'Without a network give a folder or file.',
  },
  HUB_OFFLINE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'What is asked for is not in the hub’s cache, and HF_HUB_OFFLINE forbids to download it.',
    advice: 'Unset the variable, or give a folder.',
  },
  HUB_CACHE_INCOMPLETE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The hub’s cache holds only a part of what is asked for.',
    advice: 'Download it with a network.',
  },
  HUB_REFUSED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The hub did not take an upload.',
    advice: 'Look at what the token may do.',
  },
  NO_HUB_TOKEN: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'An upload to the hub needs a token.',
    advice: 'Set HF_TOKEN to one that may write.',
  },
});

/** What only the command line says. */
const OF_COMMANDS = rows({
  NO_DEPLOYMENT: {
    codes: ['UNAVAILABLE'],
    meaning: 'No orchestrator answers at --server.',
    advice: 'Look at --server and HONE_SERVER.',
  },
  ALREADY_UP: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'Services of this home are up.',
    advice: 'End them first, or use another --home.',
  },
  NOTHING_UP: {
    codes: ['FAILED_PRECONDITION'],
    meaning: '--detach needs services that stay.',
    advice: 'Start them with hone up.',
  },
  SERVICES_GONE: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'The services that were up in this home are gone.',
    advice: 'Start them again with hone up.',
  },
  SERVICE_FAILED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A service did not start.',
    advice: 'The message has its last words, logs/ in the home all.',
  },
  SERVICE_ENDED: {
    codes: ['FAILED_PRECONDITION'],
    meaning: 'A service ended, and ends again when it is started.',
    advice: 'The message has its last words; what was under way can be resumed.',
  },
  EVALUATION_STOPPED: {
    codes: ['CANCELLED'],
    meaning: 'The evaluation was stopped.',
    advice: 'The same command goes on with it.',
  },
  WATCH_LEFT: {
    codes: ['CANCELLED'],
    meaning: 'The command stopped watching; the run goes on.',
    advice: 'hone runs watch shows it again.',
  },
});

/** By what they are about, for the reference. */
export const REASON_GROUPS = {
  'Any call': OF_EVERY_CALL,
  'Connections, processes, operations': OF_CONNECTIONS,
  'Models, sampling, training': OF_MODELS,
  'Scorers, rules, problems': OF_DATA,
  'Runs, checkpoints, aliases': OF_RUNS,
  'Stores, databases, the hub': OF_STORAGE,
  'The command line': OF_COMMANDS,
} as const;

type Table = typeof OF_EVERY_CALL &
  typeof OF_CONNECTIONS &
  typeof OF_MODELS &
  typeof OF_DATA &
  typeof OF_RUNS &
  typeof OF_STORAGE &
  typeof OF_COMMANDS;

export type Reason = keyof Table;

/** Reasons that an error of this code may have. */
export type ReasonOf<Code extends StatusCodeName> = {
  [Name in Reason]: Code extends Table[Name]['codes'][number] ? Name : never;
}[Reason];
