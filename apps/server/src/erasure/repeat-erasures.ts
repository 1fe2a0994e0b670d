import { EraseObservationsInput, MAX_ERASED, type PersonId, type WorkspaceId } from '@fieldsync/contracts'
import { checkpointOrigin } from '@fieldsync/domain'
import {
  type AdminContext,
  eraseObservations,
  erasePerson,
  listWorkspaces,
  lostErasures,
  ServiceError,
  systemContext,
} from '@fieldsync/services'

import { checkpointStores } from '../checkpoints/checkpoint-stores.ts'
import type { DatabaseEnv } from '../env/database-env.ts'

/** What was erased again. */
export type RepeatedErasures = {
  readonly erased: Erased
  readonly people: readonly PersonId[]
  /** People whom a workspace still needs, and why. */
  readonly refused: readonly { readonly personId: PersonId; readonly reason: string }[]
}

/**
 * Erases again what a restore has brought back, by the notes beside the checkpoints of a workspace (ERA-4).
 * @param keys public keys of what signed the notes
 * @throws ServiceError; what a store of checkpoints fails with
 */
export async function repeatErasures(
  admin: AdminContext,
  { env, keys, workspaceId }: { env: DatabaseEnv; keys: readonly string[]; workspaceId: WorkspaceId },
): Promise<RepeatedErasures> {
  const chain = (await listWorkspaces({ ctx: admin })).find((each) => each.workspaceId === workspaceId)
  const lost = await lostErasures(admin, {
    workspaceId,
    origin: checkpointOrigin(workspaceId, chain?.workspaceUid ?? ''),
    stores: checkpointStores(env),
    verifierKeys: keys,
  })
  const erased = await eraseAll(admin, { workspaceId, ids: lost.observations, reason: REPEATED })
  return { erased, ...(await erasePeople(admin, lost.people)) }
}

const REPEATED = 'repeated after a restore'

/** Erases people again; the last administrator of a workspace stays until there is another one. */
async function erasePeople(
  admin: AdminContext,
  ids: readonly PersonId[],
): Promise<Pick<RepeatedErasures, 'people' | 'refused'>> {
  const [people, refused]: [PersonId[], { personId: PersonId; reason: string }[]] = [[], []]
  for (const personId of ids) {
    try {
      await erasePerson({ ctx: admin, input: { personId, reason: REPEATED } })
      people.push(personId)
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'CONFLICT') throw error
      refused.push({ personId, reason: error.message })
    }
  }
  return { people, refused }
}

/** How much was erased. */
export type Erased = { records: number; droppedAnswers: number }

/** Erases any number of observations of a workspace. @throws ServiceError */
export async function eraseAll(
  admin: AdminContext,
  { workspaceId, ids, reason }: { workspaceId: WorkspaceId; ids: readonly string[]; reason: string },
): Promise<Erased> {
  const ctx = await systemContext(admin, workspaceId)
  const all = { records: 0, droppedAnswers: 0 }
  for (let from = 0; from < ids.length; from += MAX_ERASED) {
    const input = EraseObservationsInput.parse({ observationIds: ids.slice(from, from + MAX_ERASED), reason })
    const { erased, droppedAnswers } = (await eraseObservations({ ctx, input })).document.toJSON()
    all.records += erased.length
    all.droppedAnswers += droppedAnswers
  }
  return all
}
