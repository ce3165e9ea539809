import { hostname, userInfo } from 'node:os';

/** Who runs this, as `name@host`. Accounts of containers often have a number only, and no name anywhere. */
export function accountAtHost(): string {
  const { USER, LOGNAME } = process.env;
  let name = USER || LOGNAME || `uid-${process.getuid?.() ?? 'unknown'}`;
  try {
    name = userInfo().username;
  } catch {
    // No entry in /etc/passwd.
  }
  return `${name}@${hostname()}`;
}
