/** One check of `npm run verify`. */
export type Check = {
  readonly name: string
  /** The findings, or nothing when all is well. */
  readonly run: () => Promise<readonly string[]>
}
