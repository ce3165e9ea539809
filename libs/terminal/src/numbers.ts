/** Numbers, names and moments as people read them. */

export const seconds = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
export const percent = (share: number): string => `${(100 * share).toFixed(1)}`;
export const gibibytes = (bytes: bigint | number): string => `${(Number(bytes) / 2 ** 30).toFixed(2)} GiB`;
export const mebibytes = (bytes: bigint | number): string => `${(Number(bytes) / 2 ** 20).toFixed(1)} MiB`;
/** Enough of a long name for people. */
export const shortName = (name: string): string => name.replace(/^(\w+\/[0-9a-f]{12})[0-9a-f]{20,}$/, '$1');
/** A moment for people, in UTC: "2026-01-31 23:59". */
export const moment = (time: Date | undefined): string => time?.toISOString().slice(0, 16).replace('T', ' ') ?? '';
