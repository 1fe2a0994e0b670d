import { isUnavailable } from '@fieldsync/db'
import { can, type Right } from '@fieldsync/domain'
import type { ServiceContext } from './context.ts'
import { forbidden, ServiceError, unavailable } from './service-error.ts'

/** One operation on a workspace: `verb({ ctx, input })`, with the right it asks for. */
export type Verb<Input, Output> = ((call: { ctx: ServiceContext; input: Input }) => Promise<Output>) & {
  readonly right: Right
}

/**
 * Makes a verb: its right is checked before anything else happens (ACC rules), and a database that is away becomes
 * UNAVAILABLE.
 */
export function verb<Input, Output>(
  right: Right,
  run: (call: { ctx: ServiceContext; input: Input }) => Promise<Output>,
): Verb<Input, Output> {
  const checked = async (call: { ctx: ServiceContext; input: Input }): Promise<Output> => {
    const { actor } = call.ctx
    if (!can(actor, right)) throw forbidden('role', `The role ${actor.role} may not do this.`)
    return await tellingUnavailable(() => run(call))
  }
  return Object.assign(checked, { right })
}

/** Runs `work`; a database that is away becomes a ServiceError UNAVAILABLE. */
export async function tellingUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ServiceError) && isUnavailable(error)) {
      throw unavailable('The database is not reachable at the moment; try again shortly.', error)
    }
    throw error
  }
}
