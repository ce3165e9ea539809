/** Keeping secrets out of a text. */

/** Variables that hold a secret, by their names. */
const SECRET_NAME = /(?:TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|_KEY|ACCESS_KEY_ID)$|^HONE_JUDGE_(?!.*_ENDPOINT$)/i;
/** The password of a URL. Its scheme is not looked for: a long word would be gone over again from each of its letters. */
const URL_PASSWORD = /(:\/\/[^\s/:@"\\]*):[^\s/@"\\]+@/g;
/** Shorter values would be found in words that mean something else. */
const MIN_SECRET_CHARS = 6;
const REDACTED = '[redacted]';

function passwordIn(url: string): string {
  return URL.canParse(url) ? new URL(url).password : '';
}

/** What takes the secrets of an environment, and passwords of any URL, out of a text. */
export function secretsOf(environment: NodeJS.ProcessEnv): (text: string) => string {
  const named = Object.entries(environment).filter(([name]) => SECRET_NAME.test(name));
  const values = [
    ...named.map(([, value]) => value ?? ''),
    ...Object.values(environment).map((url) => passwordIn(url ?? '')),
  ];
  const spellings = values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1), decode(value)]);
  const secrets = [...new Set(spellings)].filter((value) => value.length >= MIN_SECRET_CHARS);
  // The longest first: one secret may begin with another.
  secrets.sort((a, b) => b.length - a.length);
  return (text) => {
    const clean = text.replace(URL_PASSWORD, `$1:${REDACTED}@`);
    return secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), clean);
  };
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
