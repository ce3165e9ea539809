/** Bringing problems, demonstrations and models to the services. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Demonstration, Problem } from '@hone/benchmarks';
import {
  ImportCheckpointRequest,
  messageOf,
  UploadDatasetRequest,
  UploadProblemSetRequest,
  type Checkpoint,
  type Dataset,
  type ProblemSet,
} from '@hone/contracts';
import { invalidArgument, notFound } from '@hone/errors';
import { callClientStream } from '@hone/rpc';
import type { Clients } from './platform.ts';

function problemMessage({
  id,
  prompt,
  gold,
  choices,
  subject,
  level,
  templateDigest,
}: Problem): UploadProblemSetRequest {
  const content =
    prompt.kind === 'text'
      ? { $case: 'text' as const, value: prompt.text }
      : { $case: 'chat' as const, value: { messages: prompt.messages.map((message) => ({ ...message })) } };
  const problem = {
    id,
    prompt: { id, content, templateDigest },
    gold,
    choices: choices.map((choice) => ({ ...choice })),
    ...(subject !== undefined && { subject }),
    ...(level !== undefined && { level }),
  };
  return messageOf(UploadProblemSetRequest, { problem });
}

export function uploadProblems(
  { evaluator }: Clients,
  problems: Iterable<Problem> | AsyncIterable<Problem>,
  signal?: AbortSignal,
): Promise<ProblemSet> {
  async function* requests(): AsyncGenerator<UploadProblemSetRequest> {
    for await (const problem of problems) yield problemMessage(problem);
  }
  return callClientStream(evaluator, 'uploadProblemSet', requests(), { signal });
}

export function uploadDemonstrations(
  { trainer }: Clients,
  demonstrations: Iterable<Demonstration>,
  signal?: AbortSignal,
): Promise<Dataset> {
  async function* requests(): AsyncGenerator<UploadDatasetRequest> {
    for (const { id, prompt, completion } of demonstrations) {
      const value = { id, promptText: prompt, completionText: completion };
      yield messageOf(UploadDatasetRequest, { record: { $case: 'example', value } });
    }
  }
  return callClientStream(trainer, 'uploadDataset', requests(), { signal });
}

/** What of a model folder is a model. */
const MODEL_FILES =
  /^(?:config|generation_config|tokenizer|tokenizer_config|special_tokens_map|model\.safetensors\.index)\.json$|^model(?:-\d+-of-\d+)?\.safetensors$|^chat_template\.jinja$|\.gguf$/;
const CHUNK_BYTES = 1 << 20;

/** The files of a model: a Hugging Face folder, a folder with a .gguf, or a .gguf with what lies beside it. */
export async function modelFiles(model: string): Promise<{ files: string[]; bytes: number }> {
  const found = await stat(model).catch(() => undefined);
  if (!found) throw notFound(`model ${model}`, 'give a Hugging Face model folder or a .gguf file');
  const folder = found.isDirectory() ? model : path.dirname(model);
  const names = (await readdir(folder)).filter((name) => MODEL_FILES.test(name)).sort();
  const wanted = found.isDirectory()
    ? names
    : names.filter((name) => !/\.(gguf|safetensors)$/.test(name) || name === path.basename(model));
  if (!wanted.some((name) => /\.(gguf|safetensors)$/.test(name))) {
    throw invalidArgument('model', `${model} holds no model: no model.safetensors (or its shards) and no .gguf`);
  }
  const files = wanted.map((name) => path.join(folder, name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return { files, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Imports a model; the same content is the same checkpoint. */
export async function importModel(
  { orchestrator }: Clients,
  model: string,
  options: {
    readonly displayName: string;
    readonly onBytes?: (done: number, total: number) => void;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Checkpoint> {
  const { files, bytes } = await modelFiles(model);
  async function* requests(): AsyncGenerator<ImportCheckpointRequest> {
    yield messageOf(ImportCheckpointRequest, { message: { $case: 'displayName', value: options.displayName } });
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
