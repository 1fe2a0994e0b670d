import { z } from 'zod'

import { DeviceId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { RequiredText } from '../text.ts'
import { NoInput } from './inputs.ts'
import { administration, type Operation, query } from './operation.ts'

/** How a chain differs from a checkpoint of it: it ends before it, or its row of that number is another one. */
export const CheckpointContradiction = z.enum(['cut', 'rewritten'])
export type CheckpointContradiction = z.infer<typeof CheckpointContradiction>

/**
 * What the newest checkpoint that a device has says of the chain; `lost`: it contradicts it, as an admin has acknowledged ·
 * `unknown`: signed with a key that this server does not know.
 */
export const WitnessState = z.enum(['agrees', ...CheckpointContradiction.options, 'lost', 'unknown'])
export type WitnessState = z.infer<typeof WitnessState>

const seq = z.int().min(0)

/** The audit chain of a workspace, its checkpoints and its witnesses (AUD rules). */
export const AuditState = z
  .object({
    seq: seq.describe('Number of the last row'),
    hash: z.string(),
    checkpoint: z
      .object({ seq, at: Instant.nullable().describe('When its last row was written') })
      .nullable()
      .describe('The newest one that this server knows; null where it knows none'),
    stores: z
      .array(z.object({ kind: z.enum(['folder', 'bucket']), failing: z.boolean() }))
      .describe('Where this server writes checkpoints, as of its last round; none where it writes none'),
    problem: z
      .enum([...CheckpointContradiction.options, 'broken'])
      .nullable()
      .describe('What its last round found, so that the chain gets no new checkpoint'),
    witnesses: z
      .array(z.object({ deviceId: DeviceId, seq, reportedAt: Instant, state: WitnessState }))
      .describe(
        'The newest checkpoint of each device that reports one, the latest report first; at most 1,000',
      ),
  })
  .meta({ id: 'AuditState' })
export type AuditState = z.infer<typeof AuditState>

export const AcknowledgeLossInput = z
  .strictObject({ reason: RequiredText.describe('What happened, for the audit') })
  .meta({ id: 'AcknowledgeLossInput' })
export type AcknowledgeLossInput = z.infer<typeof AcknowledgeLossInput>

/** Answer of `POST /v1/audit:acknowledgeLoss`. */
export const AcknowledgedLoss = z
  .object({ checkpoints: z.array(z.object({ seq, hash: z.string() })) })
  .meta({ id: 'AcknowledgedLoss' })
export type AcknowledgedLoss = z.infer<typeof AcknowledgedLoss>

/** The operations on checkpoints of the audit, as rows of the operation table. */
export const CHECKPOINT_OPERATIONS = {
  'audit.state': {
    ...query,
    operationId: 'getAuditState',
    summary: 'The audit chain: its end, its newest checkpoint, and what devices witness of it',
    path: '/v1/audit/state',
    right: 'audit.read',
    input: NoInput,
    output: AuditState,
  },
  'audit.acknowledgeLoss': {
    ...administration,
    operationId: 'acknowledgeLoss',
    summary: 'Acknowledge checkpoints of rows that a restore from a backup has lost, with the reason',
    path: '/v1/audit:acknowledgeLoss',
    status: 200,
    input: AcknowledgeLossInput,
    output: AcknowledgedLoss,
  },
} as const satisfies Record<string, Operation>
