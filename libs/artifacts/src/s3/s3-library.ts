/** The S3 client's library, loaded when a store in a bucket is opened: a static import would load it into every service. */
export async function loadS3() {
  const [client, storage] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
  return { ...client, Upload: storage.Upload };
}

export type S3Library = Awaited<ReturnType<typeof loadS3>>;
