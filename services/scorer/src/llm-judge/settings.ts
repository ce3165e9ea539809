/** The settings of the scorer that asks a language model. */
import { HoneError, invalidArgument, invalidArguments, type FieldViolation } from '@hone/errors';
import { checkConfig, type ScorerConfig } from '@hone/grading';
import { POINTS_LABEL, POINTS_TEMPLATE, type PointsScale } from '@hone/grading/judging';
import { LIMITS } from '@hone/limits';
import { mayReach, type Reach } from '@hone/rpc';
import { TEMPLATE } from './template.ts';

export const SETTINGS = {
  endpoint: 'grpc://host:port of a sampler, or the base address of an OpenAI-compatible API, such as https://host/v1',
  model: 'the checkpoint, or the name of the model',
  template:
    'the question, with {problem}, {completion} and {gold}; its answer must end with a line "Verdict: …", or "Score: …" where points are asked for',
  points:
    'the most points that the template speaks of, such as 5: the score is the share of them; absent means right or wrong',
  draws: 'answers to each question, of whose points the score is the mean; default 1',
  temperature: 'softmax temperature of the answers; default 0, and above it where there are several',
  format: 'chat (default) or text, for samplers of models without a chat template',
  max_tokens: 'most tokens of an answer; default 512',
  api_key_env:
    'environment variable of the scorer that holds the key; its name begins with HONE_JUDGE_, and with _ENDPOINT behind it names ' +
    'the variable of the one origin that the key is for',
} as const;

/** Checked settings. */
export interface JudgeSettings {
  readonly endpoint: URL;
  readonly model: string;
  readonly template: string;
  readonly format: 'chat' | 'text';
  readonly maxTokens: number;
  /** How points are read; undefined where the judge says right or wrong. */
  readonly scale: PointsScale | undefined;
  readonly draws: number;
  readonly temperature: number;
  /** Never in a request, a message or a log. */
  readonly apiKey: string | undefined;
}

function endpointOf(text: string | undefined): URL {
  const rule = 'must be grpc://host:port, http://… or https://…';
  if (!text || !URL.canParse(text)) throw invalidArgument('config.endpoint', rule);
  const url = new URL(text);
  if (!['grpc:', 'http:', 'https:'].includes(url.protocol)) throw invalidArgument('config.endpoint', rule);
  if (url.username !== '' || url.password !== '')
    throw invalidArgument('config.endpoint', 'must hold no key: name its environment variable by api_key_env');
  return url;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** Endpoints that the operator has a key for are listed by that. */
function hasKeyFor({ origin }: URL): boolean {
  const named = Object.entries(process.env).filter(([name]) => /^HONE_JUDGE_[A-Z0-9_]+_ENDPOINT$/.test(name));
  return named.some(([, url = '']) => URL.canParse(url) && new URL(url).origin === origin && origin !== 'null');
}

/** Else every caller could have the scorer post to any address that it reaches, and read the answers. */
function requireAllowed(endpoint: URL, reach: Reach): void {
  const address = `${endpoint.hostname}:${endpoint.port || DEFAULT_PORTS[endpoint.protocol]}`;
  if (mayReach(address, reach) || hasKeyFor(endpoint)) return;
  const rule =
    'must be a judge that this scorer may ask: on the machine of a scorer that listens on loopback, or one that its operator ' +
    `lists by --allow-judges (HONE_ALLOW_JUDGES), but is "${address}"`;
  throw invalidArgument('config.endpoint', rule);
}

/** Only variables that are meant for judges can be named, and sent to their own endpoint: no caller has a key sent anywhere else. */
function keyOf(name: string | undefined, endpoint: URL | undefined): string | undefined {
  if (name === undefined) return undefined;
  if (!/^HONE_JUDGE_[A-Z0-9_]+$/.test(name))
    throw invalidArgument('config.api_key_env', 'must be the name of a variable that begins with HONE_JUDGE_');
  const key = process.env[name];
  if (!key) throw invalidArgument('config.api_key_env', `the scorer's environment has no ${name}`);
  const allowed = process.env[`${name}_ENDPOINT`] ?? '';
  if (!URL.canParse(allowed))
    throw invalidArgument(
      'config.api_key_env',
      `the scorer's environment must name the key's endpoint by ${name}_ENDPOINT`,
    );
  if (endpoint && new URL(allowed).origin !== endpoint.origin)
    throw invalidArgument('config.endpoint', `is not the one that the scorer's environment names by ${name}_ENDPOINT`);
  return key;
}

type Require = (holds: boolean, name: string, description: string) => void;

/** Whether points are asked for, how often, and how much chance there is. */
function gradingOf(config: ScorerConfig, require: Require): Pick<JudgeSettings, 'scale' | 'draws' | 'temperature'> {
  const { points, draws = '1', temperature = '0' } = config;
  const mostDraws = LIMITS.judgeDraws;
  require(points === undefined ||
    isWhole(points, LIMITS.judgePoints), 'points', `must be a whole number from 1 to ${LIMITS.judgePoints}`);
  require(isWhole(draws, mostDraws), 'draws', `must be a whole number from 1 to ${mostDraws}`);
  require(points !== undefined || draws === '1', 'draws', 'must be 1 where no points are asked for');
  const isTemperature = /^\d+(\.\d+)?$/.test(temperature) && Number(temperature) <= LIMITS.temperature;
  require(isTemperature, 'temperature', `must be a number from 0 to ${LIMITS.temperature}`);
  require(draws === '1' || Number(temperature) > 0, 'temperature', 'must be above 0 where there are several draws');
  const scale = points === undefined ? undefined : { label: POINTS_LABEL, points: Number(points) };
  return { scale, draws: Number(draws), temperature: Number(temperature) };
}

const isWhole = (text: string, most: number): boolean => /^[1-9]\d{0,8}$/.test(text) && Number(text) <= most;

/** Checks the settings; all that are wrong are named at once. */
export function judgeSettings(config: ScorerConfig, reach: Reach): JudgeSettings {
  checkConfig(config, SETTINGS);
  const { model = '', format = 'chat', max_tokens: maxTokens = '512' } = config;
  const { template = config['points'] === undefined ? TEMPLATE : POINTS_TEMPLATE } = config;
  const violations: FieldViolation[] = [];
  const require: Require = (holds, name, description) => {
    if (!holds) violations.push({ field: `config.${name}`, description });
  };
  const attempt = <Value>(read: () => Value): Value | undefined => {
    try {
      return read();
    } catch (thrown) {
      if (!(thrown instanceof HoneError)) throw thrown;
      violations.push(...thrown.violations);
      return undefined;
    }
  };
  const endpoint = attempt(() => endpointOf(config['endpoint']));
  if (endpoint) attempt(() => requireAllowed(endpoint, reach));
  const apiKey = attempt(() => keyOf(config['api_key_env'], endpoint));
  require(model !== '', 'model', 'must be set');
  require(template.includes('{completion}'), 'template', 'must hold {completion}');
  require(format === 'chat' || format === 'text', 'format', 'must be chat or text');
  require(isWhole(maxTokens, 99_999), 'max_tokens', 'must be a whole number from 1 to 99999');
  const grading = gradingOf(config, require);
  if (violations.length > 0 || !endpoint) throw invalidArguments(violations);
  const asked = { model, template, format: format as 'chat' | 'text', maxTokens: Number(maxTokens) };
  return { endpoint, ...asked, ...grading, apiKey };
}
