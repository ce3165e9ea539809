/**
 * A server of the part of S3 that the store uses, over real HTTP and in memory: objects, ranges, conditions, uploads in parts,
 * lists, copies. It checks no signatures and keeps nothing. The same tests run on MinIO where there is one.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface Item {
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: Date;
}
interface PendingUpload {
  readonly key: string;
  readonly begun: Date;
  readonly parts: Map<number, Buffer>;
}
interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
}

/** Keys of a page, so that even small tests turn pages. */
const PAGE_KEYS = 3;

const failure = (status: number, code: string): Answer => ({
  status,
  body: `<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
});
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const textsOf = (xml: string, tag: string): string[] =>
  [...xml.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, text]) => text!.replaceAll('&quot;', '"'));

class Objects {
  readonly #items = new Map<string, Item>();
  readonly #uploads = new Map<string, PendingUpload>();

  answer(request: IncomingMessage, body: Buffer): Answer {
    const url = new URL(request.url!, 'http://server');
    const { searchParams: query } = url;
    const [, bucket, ...path] = decodeURIComponent(url.pathname).split('/');
    const key = path.join('/');
    if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256')) return failure(403, 'AccessDenied');
    if (bucket === 'missing') return failure(404, 'NoSuchBucket');
    const { method } = request;
    if (method === 'PUT' && key === '') return { status: 200 };
    if (method === 'POST' && query.has('delete')) return this.#delete(body);
    if (method === 'GET' && query.has('list-type')) return this.#list(query);
    if (method === 'GET' && query.has('uploads')) return this.#listUploads();
    if (method === 'POST' && query.has('uploads')) return this.#begin(key);
    if (method === 'PUT' && query.has('partNumber')) return this.#part(query, body);
    if (method === 'POST' && query.has('uploadId')) return this.#complete(request, query);
    if (method === 'DELETE' && query.has('uploadId')) return this.#abort(query);
    if (method === 'PUT' && request.headers['x-amz-copy-source']) return this.#copy(request, key);
    if (method === 'PUT') return this.#put(request, key, body);
    if (method === 'GET' || method === 'HEAD') return this.#get(request, key);
    return failure(501, 'NotImplemented');
  }

  #put(request: IncomingMessage, key: string, body: Buffer): Answer {
    if (request.headers['if-none-match'] === '*' && this.#items.has(key)) return failure(412, 'PreconditionFailed');
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    this.#items.set(key, { body, etag, modified: new Date() });
    return { status: 200, headers: { etag } };
  }

  #copy(request: IncomingMessage, key: string): Answer {
    const source = decodeURIComponent(String(request.headers['x-amz-copy-source'])).replace(/^\/?[^/]+\//, '');
    const item = this.#items.get(source);
    if (!item) return failure(404, 'NoSuchKey');
    this.#items.set(key, { ...item, modified: new Date() });
    return { status: 200, body: `<CopyObjectResult><ETag>${escape(item.etag)}</ETag></CopyObjectResult>` };
  }

  #get(request: IncomingMessage, key: string): Answer {
    const item = this.#items.get(key);
    if (!item) return failure(404, 'NoSuchKey');
    const { body, etag, modified } = item;
    if ((request.headers['if-match'] ?? etag) !== etag) return failure(412, 'PreconditionFailed');
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = body.subarray(from);
    const headers = { etag, 'last-modified': modified.toUTCString(), 'content-length': String(rest.length) };
    if (from === 0) return { status: 200, headers, body: rest };
    const range = `bytes ${from}-${body.length - 1}/${body.length}`;
    return { status: 206, headers: { ...headers, 'content-range': range }, body: rest };
  }

  #delete(body: Buffer): Answer {
    for (const key of textsOf(body.toString(), 'Key')) this.#items.delete(key);
    return { status: 200, body: '<DeleteResult></DeleteResult>' };
  }

  #list(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? '';
    const keys = [...this.#items.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = keys.slice(0, PAGE_KEYS);
    const contents = page.map((key) => {
      const { body, modified } = this.#items.get(key)!;
      return `<Contents><Key>${escape(key)}</Key><Size>${body.length}</Size><LastModified>${modified.toISOString()}</LastModified></Contents>`;
    });
    const more = keys.length > page.length;
    const token = more ? `<NextContinuationToken>${escape(page.at(-1)!)}</NextContinuationToken>` : '';
    const head = `<IsTruncated>${more}</IsTruncated>${token}`;
    return { status: 200, body: `<ListBucketResult>${head}${contents.join('')}</ListBucketResult>` };
  }

  #begin(key: string): Answer {
    const id = randomBytes(8).toString('hex');
    this.#uploads.set(id, { key, begun: new Date(), parts: new Map() });
    const body = `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`;
    return { status: 200, body };
  }

  #part(query: URLSearchParams, body: Buffer): Answer {
    const upload = this.#uploads.get(query.get('uploadId')!);
    if (!upload) return failure(404, 'NoSuchUpload');
    upload.parts.set(Number(query.get('partNumber')), body);
    return { status: 200, headers: { etag: `"${createHash('md5').update(body).digest('hex')}"` } };
  }

  #complete(request: IncomingMessage, query: URLSearchParams): Answer {
    const id = query.get('uploadId')!;
    const upload = this.#uploads.get(id);
    if (!upload) return failure(404, 'NoSuchUpload');
    const parts = [...upload.parts].sort(([left], [right]) => left - right).map(([, part]) => part);
    const stored = this.#put(request, upload.key, Buffer.concat(parts));
    if (stored.status !== 200) return stored;
    this.#uploads.delete(id);
    const etag = escape(stored.headers!['etag']!);
    return { status: 200, body: `<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>` };
  }

  #abort(query: URLSearchParams): Answer {
    return { status: this.#uploads.delete(query.get('uploadId')!) ? 204 : 404 };
  }

  #listUploads(): Answer {
    const uploads = [...this.#uploads].map(
      ([id, { key, begun }]) =>
        `<Upload><Key>${escape(key)}</Key><UploadId>${id}</UploadId><Initiated>${begun.toISOString()}</Initiated></Upload>`,
    );
    const body = `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${uploads.join('')}</ListMultipartUploadsResult>`;
    return { status: 200, body };
  }
}

async function serve(objects: Objects, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body } = objects.answer(request, await buffer(request));
  response.writeHead(status, headers);
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Starts the server on a free port of loopback. */
export async function startSmallS3Server(): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const objects = new Objects();
  const server = createServer((request, response) => {
    serve(objects, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { endpoint: `http://127.0.0.1:${port}`, stop };
}
