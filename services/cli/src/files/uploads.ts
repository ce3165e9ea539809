/** Bringing problems, demonstrations and models to the services. */
import { createReadStream } from 'node:fs';
import path from 'node:path';
import type { Demonstration, Problem } from '@hone/benchmarks';
import {
  ImportCheckpointRequest,
  messageOf,
  Problem as ProblemMessage,
  UploadDatasetRequest,
  UploadProblemSetRequest,
  type Checkpoint,
  type Dataset,
  type ProblemSet,
} from '@hone/contracts';
import { modelFiles } from '@hone/hub';
import { callClientStream } from '@hone/rpc';
import { findModel } from './find-model.ts';
import type { Clients } from '../platform/platform.ts';

/** A problem of a benchmark as the contracts have it. */
export function problemMessage(problem: Problem): ProblemMessage {
  const { id, prompt, gold, choices, subject, level, solution, templateDigest } = problem;
  const content =
    prompt.kind === 'text'
      ? { $case: 'text' as const, value: prompt.text }
      : { $case: 'chat' as const, value: { messages: prompt.messages.map((message) => ({ ...message })) } };
  return messageOf(ProblemMessage, {
    id,
    prompt: { id, content, templateDigest },
    gold,
    choices: choices.map((choice) => ({ ...choice })),
    ...(subject !== undefined && { subject }),
    ...(level !== undefined && { level }),
    ...(solution !== undefined && { solution }),
  });
}

export function uploadProblems(
  { uploads }: Clients,
  problems: Iterable<Problem> | AsyncIterable<Problem>,
  signal?: AbortSignal,
): Promise<ProblemSet> {
  async function* requests(): AsyncGenerator<UploadProblemSetRequest> {
    for await (const problem of problems)
      yield messageOf(UploadProblemSetRequest, { problem: problemMessage(problem) });
  }
  return callClientStream(uploads, 'uploadProblemSet', requests(), { signal });
}

export function uploadDemonstrations(
  { uploads }: Clients,
  demonstrations: Iterable<Demonstration> | AsyncIterable<Demonstration>,
  signal?: AbortSignal,
): Promise<Dataset> {
  async function* requests(): AsyncGenerator<UploadDatasetRequest> {
    for await (const { id, prompt, completion } of demonstrations) {
      const value = { id, promptText: prompt, completionText: completion };
      yield messageOf(UploadDatasetRequest, { record: { $case: 'example', value } });
    }
  }
  return callClientStream(uploads, 'uploadDataset', requests(), { signal });
}

const CHUNK_BYTES = 1 << 20;

/** Imports a model, of this machine or of the hub; the same content is the same checkpoint. */
export async function importModel(
  { orchestrator }: Clients,
  model: string,
  options: {
    /** Default: the name of the folder or file, or of the hub's model. */
    readonly displayName?: string | undefined;
    readonly onBytes?: (done: number, total: number) => void;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Checkpoint> {
  const { location, name } = await findModel(model);
  const { files, bytes } = await modelFiles(location);
  const displayName = options.displayName ?? name;
  async function* requests(): AsyncGenerator<ImportCheckpointRequest> {
    yield messageOf(ImportCheckpointRequest, { message: { $case: 'displayName', value: displayName } });
    yield messageOf(ImportCheckpointRequest, { message: { $case: 'source', value: name } });
    let done = 0;
    for (const file of files) {
      for await (const data of createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
        yield messageOf(ImportCheckpointRequest, {
          message: { $case: 'chunk', value: { fileName: path.basename(file), data } },
        });
        done += data.length;
        options.onBytes?.(done, bytes);
      }
    }
  }
  return callClientStream(orchestrator, 'importCheckpoint', requests(), { signal: options.signal });
}
