/** UploadService: what clients bring, as rows in the store. */
import type { ArtifactStore } from '@hone/artifacts';
import { UploadServiceService, type UploadDatasetRequest, type UploadProblemSetRequest } from '@hone/contracts';
import { uploadDataset, uploadProblemSet } from '@hone/datasets';
import { clientStream, type ServiceBinding } from '@hone/rpc';

/** The service, to be served beside the orchestrator's own calls. */
export function uploadService(store: ArtifactStore): ServiceBinding {
  const implementation = {
    uploadDataset: clientStream((requests: AsyncIterable<UploadDatasetRequest>, context) =>
      uploadDataset(store, requests, context),
    ),
    uploadProblemSet: clientStream((requests: AsyncIterable<UploadProblemSetRequest>, context) =>
      uploadProblemSet(store, requests, context),
    ),
  };
  return { definition: UploadServiceService, implementation };
}
