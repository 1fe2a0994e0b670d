import { isUnavailable } from '@fieldsync/db'
import { can, type Right } from '@fieldsync/domain'

import type { ServiceContext } from './context.ts'
import { CredentialChanged, forbidden, ServiceError, unavailable } from './service-error.ts'

/** One operation on a workspace: `verb({ ctx, input })`, with the right it asks for. */
export type Verb<Input, Output> = ((call: Call<Input>) => Promise<Output>) & {
  readonly right: Right
}

type Call<Input> = { ctx: ServiceContext; input: Input }

/**
 * Creates a verb: its right is checked before anything else happens (ACC rules), a refusal that `run` returns is thrown
 * to the caller, and a database that is away becomes UNAVAILABLE.
 *
 * A caller from memory has its rights read first. A verb that `checksRights` in its own statement is spared that: if it
 * returns {@link CredentialChanged}, or refuses by rights that may be out of date, it runs again with the present ones.
 */
export function verb<Input, Output>(
  right: Right,
  run: (call: Call<Input>) => Promise<Output | ServiceError>,
  { checksRights }: { checksRights: boolean } = { checksRights: false },
): Verb<Input, Output> {
  const attempt = async ({ ctx, input }: Call<Input>): Promise<Output | ServiceError> =>
    can(ctx.actor, right)
      ? await run({ ctx, input })
      : forbidden('role', `The role ${ctx.actor.role} may not do this.`)

  const decide = async ({ ctx, input }: Call<Input>): Promise<Output | ServiceError> => {
    const { confirm, epoch } = ctx.actor
    if (!confirm) return await attempt({ ctx, input })
    if (!checksRights) return await attempt({ ctx: { ...ctx, actor: await confirm() }, input })
    const outcome = await attempt({ ctx, input })
    const isForbidden = outcome instanceof ServiceError && outcome.code === 'FORBIDDEN'
    if (!isForbidden && !(outcome instanceof CredentialChanged)) return outcome
    const actor = await confirm()
    if (isForbidden && actor.epoch === epoch) return outcome
    return await attempt({ ctx: { ...ctx, actor }, input })
  }

  const checked = async (call: Call<Input>): Promise<Output> => {
    const outcome = await mapUnavailable(() => decide(call))
    if (outcome instanceof ServiceError) throw outcome
    return outcome
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
