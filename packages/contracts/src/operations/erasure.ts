import { z } from 'zod'

import { ObservationId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { RequiredText } from '../text.ts'
import { administration, type Operation } from './operation.ts'

/** As many observations are erased by one call. */
export const MAX_ERASED = 100

export const EraseObservationsInput = z
  .strictObject({
    observationIds: z.array(ObservationId).min(1).max(MAX_ERASED),
    reason: RequiredText.describe('Why, for the audit; it stays, so it names nobody'),
  })
  .meta({ id: 'EraseObservationsInput' })
export type EraseObservationsInput = z.infer<typeof EraseObservationsInput>

/** Answer of `POST /v1/observations:erase`. */
export const ErasedObservations = z
  .object({
    erasedAt: Instant,
    erased: z
      .array(z.object({ entityType: z.enum(['observation', 'recommendation']), entityId: z.string() }))
      .describe(
        'What is erased now: the observations that were not erased before, and the recommendations on them',
      ),
    droppedAnswers: z
      .int()
      .min(0)
      .describe('Stored answers that named one of them: their keys are not replayed'),
  })
  .meta({ id: 'ErasedObservations' })
export type ErasedObservations = z.infer<typeof ErasedObservations>

/** The operations that erase, as rows of the operation table. */
export const ERASURE_OPERATIONS = {
  'observations.erase': {
    ...administration,
    operationId: 'eraseObservations',
    summary: 'Erase observations for good, with their history and the recommendations on them',
    path: '/v1/observations:erase',
    status: 200,
    input: EraseObservationsInput,
    output: ErasedObservations,
  },
} as const satisfies Record<string, Operation>
