import { isUnavailable } from '@fieldsync/db'
import { can, type Right } from '@fieldsync/domain'

import type { ServiceContext } from './context.ts'
import { CredentialChanged, forbidden, ServiceError, unavailable } from './service-error.ts'

/** One operation on a workspace: `verb({ ctx, input })`, with the right it asks for. */
export type Verb<Input, Output, Context extends ServiceContext = ServiceContext> = ((call: {
  ctx: Context
  input: Input
}) => Promise<Output>) & {
  readonly right: Right
}

/**
 * Makes a verb: its right is checked before anything else happens (ACC rules), and a database that is away becomes
 * UNAVAILABLE. A caller from memory has its rights read first, unless the verb `looksAgain` at them in its own
 * statement and throws {@link CredentialChanged} when they are no longer the same: then it is run again with the
 * rights as they are.
 */
export function verb<Input, Output, Context extends ServiceContext = ServiceContext>(
  right: Right,
  run: (call: { ctx: Context; input: Input }) => Promise<Output>,
  options: { looksAgain: boolean } = { looksAgain: false },
): Verb<Input, Output, Context> {
  const allowed = (ctx: Context): Context => {
    if (!can(ctx.actor, right)) throw forbidden('role', `The role ${ctx.actor.role} may not do this.`)
    return ctx
  }
  const checked = async ({ ctx, input }: { ctx: Context; input: Input }): Promise<Output> => {
    const { actor } = ctx
    return await mapUnavailable(async () => {
      if (!actor.confirm) return await run({ ctx: allowed(ctx), input })
      if (options.looksAgain) {
        try {
          return await run({ ctx: allowed(ctx), input })
        } catch (error) {
          // A refusal by rights from memory may be out of date.
          const mayBeStale = error instanceof ServiceError && error.code === 'FORBIDDEN'
          if (!(error instanceof CredentialChanged) && !mayBeStale) throw error
          const fresh = await actor.confirm()
          if (mayBeStale && fresh.epoch === actor.epoch) throw error
          return await run({ ctx: allowed({ ...ctx, actor: fresh }), input })
        }
      }
      return await run({ ctx: allowed({ ...ctx, actor: await actor.confirm() }), input })
    })
  }
  return Object.assign(checked, { right })
}

/** Runs `work`; a database that is away becomes a ServiceError UNAVAILABLE. */
export async function mapUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ServiceError) && isUnavailable(error)) {
      throw unavailable('The database is not reachable at the moment; try again shortly.', error)
    }
    throw error
  }
}
