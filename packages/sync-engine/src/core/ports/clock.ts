/** Time as an input. */
export interface Clock {
  /** Milliseconds since 1970. May be wrong and may jump: nothing is ordered by it. */
  now(): number
  /** Calls back once after so many milliseconds, unless the returned function is called first. */
  after(milliseconds: number, callback: () => void): () => void
}
