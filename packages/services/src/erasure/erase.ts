import type { ErasedObservations, EraseObservationsInput } from '@fieldsync/contracts'
import { eraseStored, readErasable, readErased, type RecordName } from '@fieldsync/db'
import { type AuditChange, canonicalRecord, combineDigests, recordDigest } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Replayable, sha256 } from '../core/json-text.ts'
import type { ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'

/**
 * Erases observations for good: their rows, history and conflicts, the recommendations on them, and every stored answer that
 * names one (ERA-1, ERA-2). Tombstones reach the devices. An id that the server does not have is erased as well, so that
 * it never arrives; one that was erased before needs nothing.
 *
 * @throws ServiceError IDEMPOTENCY_CONFLICT, UNAVAILABLE
 */
export const eraseObservations = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: EraseObservationsInput
  }): Promise<Replayable<ErasedObservations> | ServiceError> => {
    const { ctx, input } = call
    const { workspaceId } = ctx.actor
    const at = ctx.clock.now()
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'observations.erase',
        action: 'observations.erase',
        target: { type: 'workspace', id: workspaceId },
        input,
        at,
        reason: input.reason,
      },
      async (connection) => {
        const asked = [...new Set(input.observationIds)].map(named)
        const before = new Set(
          (await readErased(connection, workspaceId, asked)).map(({ entityId }) => entityId),
        )
        const ids = asked.map(({ entityId }) => entityId).filter((id) => !before.has(id))
        const answerOf = (erased: RecordName[], droppedAnswers: number): string =>
          JSON.stringify({ erasedAt: at.toISOString(), erased, droppedAnswers } satisfies ErasedObservations)
        if (ids.length === 0) return { asItIs: answerOf([], 0) }
        const stored = await readErasable(connection, workspaceId, ids)
        const recommendations = stored.filter(({ entityType }) => entityType === 'recommendation')
        const erased = [
          ...ids.map(named),
          ...recommendations.map(({ entityType, entityId }) => ({ entityType, entityId })),
        ]
        const dropped = await eraseStored(connection, workspaceId, erased, at)
        const documents = new Map(stored.map((row) => [`${row.entityType} ${row.entityId}`, row.document]))
        const digests = stored.map(({ entityType, entityId, document }) =>
          recordDigest(entityType, entityId, canonicalRecord(JSON.parse(document) as object), sha256),
        )
        return {
          answer: answerOf(erased, dropped),
          changes: erased.map((name) => changeOf(name, documents.get(`${name.entityType} ${name.entityId}`))),
          rows: {
            positions: erased.length,
            stateDelta: digests.length === 0 ? null : combineDigests(...digests),
          },
        }
      },
    )
    if ('refusal' in result) return result.refusal
    ctx.runtime.live?.changed(workspaceId)
    return { document: new JsonText(result.response), replayed: result.replayed }
  },
)

const named = (entityId: string): RecordName => ({ entityType: 'observation', entityId })

const changeOf = ({ entityType, entityId }: RecordName, document: string | undefined): AuditChange => ({
  type: entityType,
  id: entityId,
  kind: 'erase',
  before: document === undefined ? null : sha256(document),
  after: null,
})
