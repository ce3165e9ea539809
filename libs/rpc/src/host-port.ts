/** Addresses as they are written: host:port, several of them separated by commas. */

/** The host of "host:port". */
export const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':'));

/** The port of "host:port". */
export const portOf = (address: string): string => address.slice(address.lastIndexOf(':') + 1);

/** Reads a list that is separated by commas. */
export const parseList = (text: string): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
