import type { KnownMutant } from './known-mutant.ts'
import { SERVER_MUTANTS } from './server.ts'
import { SQL_MUTANTS } from './sql.ts'

export const KNOWN: readonly KnownMutant[] = [...SQL_MUTANTS, ...SERVER_MUTANTS]
