/** What people may write on checkpoints, models and changes. */
import { Violations } from '@hone/contracts';

const MAX_DISPLAY_NAME_CHARS = 200;
const MAX_NOTES_CHARS = 10_000;
const MAX_LABELS = 64;
const MAX_LABEL_CHARS = 200;
const MAX_CALLER_CHARS = 200;
const MAX_REASON_CHARS = 2000;
const LABEL_KEY = /^[A-Za-z0-9][\w./-]{0,62}$/;

/** The fields that an update may change. */
export const TEXT_FIELDS = ['display_name', 'notes', 'labels'];

/** What people write on a resource. */
export interface Texts {
  readonly displayName: string;
  readonly notes: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Checks all of it at once; `path` is that of the message. */
export function checkTexts({ displayName, notes, labels }: Texts, path: string): void {
  const violations = new Violations();
  const require = (holds: boolean, field: string, rule: string): void =>
    violations.require(holds, `${path}.${field}`, rule);
  const entries = Object.entries(labels);
  require(displayName.length <= MAX_DISPLAY_NAME_CHARS, 'display_name', atMost(MAX_DISPLAY_NAME_CHARS));
  require(notes.length <= MAX_NOTES_CHARS, 'notes', atMost(MAX_NOTES_CHARS));
  require(entries.length <= MAX_LABELS, 'labels', `must be at most ${MAX_LABELS}`);
  for (const [key, value] of entries) {
    const rule = 'must begin with a letter or digit, then have letters, digits and ._/- only, 63 characters at most';
    require(LABEL_KEY.test(key), `labels["${key}"]`, rule);
    require(value.length <= MAX_LABEL_CHARS, `labels["${key}"]`, atMost(MAX_LABEL_CHARS));
  }
  violations.throwIfAny();
}

/** Checks who makes a change and why. */
export function checkSignature({ caller, reason }: { readonly caller: string; readonly reason: string }): void {
  const violations = new Violations();
  violations.require(caller.length <= MAX_CALLER_CHARS, 'caller', atMost(MAX_CALLER_CHARS));
  violations.require(reason.length <= MAX_REASON_CHARS, 'reason', atMost(MAX_REASON_CHARS));
  violations.throwIfAny();
}

const atMost = (chars: number): string => `must be at most ${chars} characters`;

/** The columns that an update changes, which is of the fields in its mask alone. */
export function changedColumns({ displayName, notes, labels }: Texts, mask: readonly string[]) {
  return {
    ...(mask.includes('display_name') && { display_name: displayName }),
    ...(mask.includes('notes') && { notes }),
    ...(mask.includes('labels') && { labels: JSON.stringify(labels) }),
  };
}
