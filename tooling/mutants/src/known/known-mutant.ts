/** A mistake in what Stryker does not mutate, or cannot run: SQL, wiring, what a process holds, what a page shows. */
export type KnownMutant = {
  /** Short and unique; `npm run mutants -- known --only <part of it>`. */
  name: string
  /** The rule, promise or rights that it breaks, in words. */
  breaks: string
  file: string
  /** Stands in the file exactly once. */
  find: string
  replace: string
  /** Test files, one of which must fail. */
  tests: readonly string[]
}
