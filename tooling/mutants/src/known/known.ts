import type { KnownMutant } from './known-mutant.ts'
import { SQL_MUTANTS } from './sql.ts'

export const KNOWN: readonly KnownMutant[] = [...SQL_MUTANTS]
