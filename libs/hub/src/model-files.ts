/** Which files are a model. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { invalidArgument, notFound } from '@hone/errors';

/** What of a model folder is a model. */
const MODEL_FILES =
  /^(?:config|generation_config|tokenizer|tokenizer_config|special_tokens_map|model\.safetensors\.index)\.json$|^model(?:-\d+-of-\d+)?\.safetensors$|^chat_template\.jinja$|\.gguf$/;

/** Those of a folder's file names that belong to a model. */
export const modelFileNames = (names: readonly string[]): string[] =>
  names.filter((name) => MODEL_FILES.test(name)).sort();

/** The files of a model: a Hugging Face folder, a folder with a .gguf, or a .gguf with what lies beside it. */
export async function modelFiles(model: string): Promise<{ files: string[]; bytes: number }> {
  const found = await stat(model).catch(() => undefined);
  if (!found) throw notFound(`model ${model}`, 'give a Hugging Face model folder, a .gguf file, or a name of the hub');
  const folder = found.isDirectory() ? model : path.dirname(model);
  const names = modelFileNames(await readdir(folder));
  const wanted = found.isDirectory()
    ? names
    : names.filter((name) => !/\.(gguf|safetensors)$/.test(name) || name === path.basename(model));
  if (!wanted.some((name) => /\.(gguf|safetensors)$/.test(name))) {
    throw invalidArgument('model', `${model} holds no model: no model.safetensors (or its shards) and no .gguf`);
  }
  const files = wanted.map((name) => path.join(folder, name));
  const sizes = await Promise.all(files.map(plainFileSize));
  return { files, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** A pipe or a device, also behind a link, may have no end. */
async function plainFileSize(file: string): Promise<number> {
  const found = await stat(file);
  if (!found.isFile()) throw invalidArgument('model', `${file} must be a plain file`);
  return found.size;
}
