/** POSIX shell text whose interpolated values are already quoted. Only `sh` makes one. */
export interface Script {
  /** What the host gets. */
  readonly wire: string;
  /** The same text with every `Secret` masked: the only form that may be shown. */
  readonly display: string;
}
