import { operationProcedures } from './operation-procedures.ts'
import { router } from './procedures.ts'

/** Every operation and subscription of the contract. */
export const appRouter = router(operationProcedures)
