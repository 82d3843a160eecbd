/** One small thing in a loop. */
export interface Part {
  readonly name: string;
  readonly run: () => unknown;
  /** Operations in one run. @defaultValue 1 */
  readonly per?: number;
}
