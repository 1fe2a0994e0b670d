/** What the global set-up provides to the test files: where the cluster is and what to copy databases from. */
export type TestPostgres = {
  readonly superuserUrl: string
  readonly template: string
  readonly ownerPassword: string
  readonly appPassword: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: TestPostgres
  }
}
