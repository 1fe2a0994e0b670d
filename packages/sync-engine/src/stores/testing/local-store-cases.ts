import { instanceCases } from './instance-cases.ts'
import { listingCases } from './listing-cases.ts'
import { modelCase } from './model-case.ts'
import { schemaCases } from './schema-cases.ts'
import type { StoreCase } from './store-case.ts'
import { transactionCases } from './transaction-cases.ts'
import { valueCases } from './value-cases.ts'

/** Everything that makes a store a {@link LocalStore}, for any runner: Node's and a page in a browser. */
export const LOCAL_STORE_CASES: readonly StoreCase[] = [
  ...listingCases,
  ...valueCases,
  ...transactionCases,
  ...instanceCases,
  ...schemaCases,
  modelCase,
]
