/** Models and data sets of the Hugging Face hub, down from it and up to it, and what of a folder is one. */
export { downloadSplit, type DownloadedSplit } from './dataset.ts';
export { localFiles } from './local-split.ts';
export { downloadModel, parseHubName, type DownloadedModel, type HubModel } from './model.ts';
export { modelFiles } from './model-files.ts';
export { parseHubTarget, requireHubToken, uploadModel, type HubTarget, type Uploaded } from './upload.ts';
