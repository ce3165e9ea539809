/** What the conformance kits of scorers and of rules share. */
import { excerpt, HoneError, toHoneError } from '@hone/errors';
import { isServing, listServices, type TlsFiles } from '@hone/rpc';

/** The server to check. */
export interface ServerOptions {
  readonly address: string;
  readonly tls?: TlsFiles | undefined;
  /** Most time that any call may take. */
  readonly timeoutMs: number;
}

/** A check's finding: nothing where all is well, else what is wrong. */
export type Finding = string | undefined;

/** A rule that must hold of what a probe asks. */
export interface Check<Probe> {
  readonly name: string;
  /** What must hold. */
  readonly rule: string;
  run(probe: Probe): Promise<Finding>;
}

/** What became of a check. */
export interface CheckResult {
  /** Name of the scorer or dataset rule; empty for checks of the server. */
  readonly subject: string;
  readonly check: string;
  readonly rule: string;
  readonly passed: boolean;
  /** What is wrong; empty where it passed. */
  readonly problem: string;
}

/** Makes checks, one after the other. */
export async function* runChecks<Probe>(
  subject: string,
  checks: readonly Check<Probe>[],
  probe: Probe,
): AsyncGenerator<CheckResult> {
  for (const { name: check, rule, run } of checks) {
    const problem = await run(probe).catch((thrown: unknown) => toHoneError(thrown).message);
    yield { subject, check, rule, passed: problem === undefined, problem: problem ?? '' };
  }
}

/** Every server of ours, whatever it serves, says how it is and what it has. */
export const serverChecks = (service: string): readonly Check<ServerOptions>[] => [
  {
    name: 'health',
    rule: 'grpc.health.v1.Health says SERVING',
    run: async ({ address, timeoutMs, tls }) =>
      (await isServing(address, timeoutMs, tls)) ? undefined : 'it does not',
  },
  {
    name: 'reflection',
    rule: `server reflection lists ${service}`,
    async run({ address, timeoutMs, tls }) {
      const services = await listServices(address, timeoutMs, tls);
      return services.includes(service) ? undefined : `it lists ${services.join(', ') || 'nothing'}`;
    },
  },
];

/** What a call must be refused with; `names` must stand in its violations or its text. */
export async function refused(call: Promise<unknown>, what: string, names: readonly string[] = []): Promise<Finding> {
  try {
    await call;
    return `a call ${what} was answered instead of refused`;
  } catch (thrown) {
    const code = thrown instanceof HoneError ? thrown.code : String(thrown);
    if (!['INVALID_ARGUMENT', 'NOT_FOUND'].includes(code))
      return `a call ${what} was refused with ${code} instead of INVALID_ARGUMENT`;
    const { message, violations } = thrown as HoneError;
    const missing = names.find((name) => !message.includes(name) && !violations.some(({ field }) => field === name));
    return missing === undefined ? undefined : `a call ${what} was refused without naming ${missing}: ${message}`;
  }
}

/** The first finding for one of these items; `shown` is how an item is told. */
export async function firstFinding<Item>(
  items: readonly Item[],
  check: (item: Item) => Promise<Finding>,
  shown: (item: Item) => string = (item) => JSON.stringify(shortened(String(item))),
): Promise<Finding> {
  for (const item of items) {
    const finding = await check(item);
    if (finding !== undefined) return `${shown(item)} ${finding}`;
  }
  return undefined;
}

const shortened = (text: string): string =>
  text.length <= 60 ? text : `${excerpt(text, 30)} (${text.length} characters)`;
