import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { internal } from '@hone/errors';
import { urlOf } from '../location.ts';
import { readResuming } from './read-resuming.ts';
import { isAbsent, isConflict, isTaken, s3Error } from './s3-errors.ts';
import { loadS3, type S3Library } from './s3-library.ts';
import type { S3Settings } from './s3-settings.ts';

/** An object without its content. */
export interface StoredObject {
  /** Without the store's prefix. */
  readonly key: string;
  readonly bytes: number;
  readonly modified: Date;
}

/** S3 takes at most this many parts of an upload, of at least 5 MiB each. */
const MOST_PARTS = 10_000;
const PART_BYTES = 16 << 20;
/** Parts of an upload that are held in memory and sent at once. */
const PARTS_AT_ONCE = 2;
const DELETE_AT_ONCE = 1000;
const CONFLICT_DELAY_MS = 200;

/** Objects of one bucket under one prefix. Every error names bucket and key; what may pass is tried again first. */
export class Bucket {
  readonly #s3: S3Library;
  readonly #client: S3Client;
  readonly #settings: S3Settings;
  readonly #bucket: string;
  readonly #prefix: string;

  private constructor(
    s3: S3Library,
    location: { readonly bucket: string; readonly prefix: string },
    settings: S3Settings,
  ) {
    this.#s3 = s3;
    this.#settings = settings;
    this.#bucket = location.bucket;
    this.#prefix = location.prefix === '' ? '' : `${location.prefix}/`;
    this.#client = new this.#s3.S3Client({
      region: settings.region,
      maxAttempts: settings.attempts,
      // Servers other than AWS rarely have a host name for each bucket.
      ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint, forcePathStyle: true }),
      requestHandler: {
        connectionTimeout: settings.timeoutMs,
        requestTimeout: settings.timeoutMs,
        throwOnRequestTimeout: true,
      },
    });
  }

  static async open(
    location: { readonly bucket: string; readonly prefix: string },
    settings: S3Settings,
  ): Promise<Bucket> {
    return new Bucket(await loadS3(), location, settings);
  }

  /** `s3://bucket/key`, for errors. */
  url(key: string): string {
    return urlOf({ bucket: this.#bucket, prefix: this.#prefix + key });
  }

  /** An object's size and age, or undefined where there is none. */
  async find(key: string): Promise<StoredObject | undefined> {
    try {
      const found = await this.#client.send(new this.#s3.HeadObjectCommand(this.#at(key)));
      return { key, bytes: found.ContentLength ?? 0, modified: found.LastModified ?? new Date(0) };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw s3Error(error, this.url(key));
    }
  }

  /** Objects whose key begins so, in the order of their keys. */
  async *list(start: string): AsyncGenerator<StoredObject, void, undefined> {
    const request = { Bucket: this.#bucket, Prefix: this.#prefix + start };
    try {
      for await (const page of this.#s3.paginateListObjectsV2({ client: this.#client }, request)) {
        for (const { Key, Size, LastModified } of page.Contents ?? []) {
          yield { key: Key!.slice(this.#prefix.length), bytes: Size ?? 0, modified: LastModified ?? new Date(0) };
        }
      }
    } catch (error) {
      throw s3Error(error, this.url(start));
    }
  }

  /** The bytes of an object; a broken or silent connection is made anew at the byte where it ended. */
  read(key: string): Readable {
    const { attempts, timeoutMs } = this.#settings;
    const open = async (range: { from: number; etag: string | undefined }, signal: AbortSignal) => {
      const { from, etag } = range;
      const request = { ...this.#at(key), ...(from > 0 && { Range: `bytes=${from}-`, IfMatch: etag }) };
      const { Body, ETag } = await this.#client.send(new this.#s3.GetObjectCommand(request), { abortSignal: signal });
      if (!(Body instanceof Readable)) throw internal('the S3 client gave no stream of Node.js');
      return { body: Body, etag: ETag };
    };
    return Readable.from(readResuming({ open, url: this.url(key), attempts, timeoutMs }), { objectMode: false });
  }

  /** A small object as text. */
  async readText(key: string): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.read(key) as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }

  /**
   * Uploads a file, in parts where it is large; it appears whole or not at all. With `overwrite` false an object that is there
   * is left as it is, and the answer is `false`.
   */
  async put(key: string, file: string, options: { readonly overwrite: boolean }): Promise<boolean> {
    const { size } = await stat(file);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#upload(key, file, size, options.overwrite);
        return true;
      } catch (error) {
        if (!options.overwrite && isTaken(error)) return false;
        if (!isConflict(error) || attempt >= this.#settings.attempts) throw s3Error(error, this.url(key));
        await delay(CONFLICT_DELAY_MS * attempt);
      }
    }
  }

  async #upload(key: string, file: string, size: number, overwrite: boolean): Promise<void> {
    const partSize = Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS));
    const body = createReadStream(file, { highWaterMark: 1 << 20 });
    const params = { ...this.#at(key), Body: body, ...(!overwrite && { IfNoneMatch: '*' }) };
    try {
      await new this.#s3.Upload({ client: this.#client, params, partSize, queueSize: PARTS_AT_ONCE }).done();
    } finally {
      body.destroy();
    }
  }

  /** Makes an object young without sending it. */
  async renew(key: string): Promise<void> {
    const source = encodeURI(`${this.#bucket}/${this.#prefix}${key}`);
    const request = { ...this.#at(key), CopySource: source, MetadataDirective: 'REPLACE' as const };
    await this.#send(key, () => this.#client.send(new this.#s3.CopyObjectCommand(request)));
  }

  /** Deletes objects, at most 1000 a request. */
  async delete(keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += DELETE_AT_ONCE) {
      const some = keys.slice(start, start + DELETE_AT_ONCE);
      const Delete = { Objects: some.map((key) => ({ Key: this.#prefix + key })), Quiet: true };
      const command = new this.#s3.DeleteObjectsCommand({ Bucket: this.#bucket, Delete });
      const { Errors = [] } = await this.#send(some[0]!, () => this.#client.send(command));
      const [first] = Errors;
      if (first) throw s3Error(Object.assign(new Error(first.Message), { name: first.Code }), this.url(some[0]!));
    }
  }

  /** Gives up uploads in parts that were begun before `olderThan` and never ended: their parts take up space unseen. */
  async abortUploads(start: string, olderThan: Date): Promise<void> {
    const request = { Bucket: this.#bucket, Prefix: this.#prefix + start };
    let marker: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
    while (marker) {
      const command: ListMultipartUploadsCommand = new this.#s3.ListMultipartUploadsCommand({ ...request, ...marker });
      const page = await this.#send(start, () => this.#client.send(command));
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (!Key || !UploadId || !Initiated || Initiated >= olderThan) continue;
        const abort = new this.#s3.AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId });
        await this.#send(start, () => this.#client.send(abort));
      }
      const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
      marker = IsTruncated && KeyMarker && UploadIdMarker ? { KeyMarker, UploadIdMarker } : undefined;
    }
  }

  async #send<Answer>(key: string, request: () => Promise<Answer>): Promise<Answer> {
    return request().catch((error: unknown) => {
      throw s3Error(error, this.url(key));
    });
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }
}
