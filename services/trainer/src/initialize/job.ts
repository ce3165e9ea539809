/** Method "initialize" of the trainer's worker: draws a model's weights and stores it. Plain data. */
export interface InitializeJob {
  readonly storeDir: string;
  readonly configJson: string;
  readonly tokenizerFiles: Readonly<Record<string, string>>;
  readonly seed: bigint;
  /** Bytes that the weights may take. */
  readonly memoryBytes: number;
}
