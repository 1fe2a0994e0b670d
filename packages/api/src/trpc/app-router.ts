import type { TRPCBuiltRouter, TRPCDecorateCreateRouterOptions } from '@trpc/server'

import type { trpcErrorShape } from './error-shape.ts'
import type { operationProcedures } from './operation-procedures.ts'

/**
 * The type a tRPC client is made from: the server's router without its context, which clients do not need, and which
 * would pull the server's code into every client's type check.
 */
export type AppRouter = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ReturnType<typeof trpcErrorShape>; transformer: false },
  TRPCDecorateCreateRouterOptions<typeof operationProcedures>
>
