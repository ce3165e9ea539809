import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { failedPrecondition, invalidArgument } from '@hone/errors';
import { digestOf } from './digest.ts';

/** Where a store is: a directory, or a bucket of an S3-compatible server and what its keys begin with. */
export type StoreLocation =
  | { readonly kind: 'directory'; readonly root: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string };

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//;
/** The names that S3 allows for buckets. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Keys that need no escaping and hold no empty or relative parts. */
const PREFIX = /^(?:(?!\.{1,2}(?:\/|$))[\w.=-]+(?:\/|$))*$/;

/** Reads `DIR` or `s3://bucket/prefix`. */
export function parseStoreLocation(text: string, field = 'store'): StoreLocation {
  const scheme = SCHEME.exec(text)?.[1];
  if (scheme === undefined) {
    if (text === '') throw invalidArgument(field, 'must be a folder or s3://bucket/prefix');
    return { kind: 'directory', root: resolve(text) };
  }
  if (scheme !== 's3') throw invalidArgument(field, `must be a folder or s3://bucket/prefix, but is ${text}`);
  const [bucket = '', ...parts] = text.slice('s3://'.length).replace(/\/+$/, '').split('/');
  const prefix = parts.join('/');
  if (!BUCKET.test(bucket)) throw invalidArgument(field, `must name a bucket as s3://bucket/prefix, but is ${text}`);
  if (!PREFIX.test(prefix)) {
    throw invalidArgument(field, `must have a prefix of letters, digits, "_", "-", "." and "/", but is ${text}`);
  }
  return { kind: 's3', bucket, prefix };
}

/** The one spelling of a location: an absolute path, or `s3://bucket/prefix` without a slash at its end. */
export function resolveStoreLocation(text: string, field?: string): string {
  const location = parseStoreLocation(text, field);
  return location.kind === 'directory' ? location.root : urlOf(location);
}

/** Where a store's unfinished work lies on this machine; it is nobody's artifact and may be lost. */
export function workFolder(location: string): string {
  const parsed = parseStoreLocation(location);
  return join(parsed.kind === 'directory' ? parsed.root : cacheFolder(parsed), 'work');
}

/** The local folder of a remote store, under HONE_CACHE_DIR (default: the user's cache folder). */
export function cacheFolder(location: Extract<StoreLocation, { kind: 's3' }>): string {
  const { HONE_CACHE_DIR: own, XDG_CACHE_HOME: user, HONE_S3_ENDPOINT: endpoint = '' } = process.env;
  const parent = own ?? join(user ?? userCache(), 'hone');
  return resolve(parent, 'stores', digestOf(`${endpoint} ${urlOf(location)}`).slice(0, 16));
}

function userCache(): string {
  try {
    return join(homedir(), '.cache');
  } catch {
    throw failedPrecondition('NO_HOME', 'this account has no home folder for copies: set HONE_CACHE_DIR to a folder');
  }
}

/** `s3://bucket/prefix`. */
export function urlOf({ bucket, prefix }: { readonly bucket: string; readonly prefix: string }): string {
  return prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
}
