import { z } from 'zod'

import { PlaybookContent } from '../entities/playbook.ts'
import { PlaybookId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { RequiredText } from '../text.ts'
import { command, type Operation } from './operation.ts'
import { Proposal } from './proposals.ts'
import { VersionKind } from './version-kind.ts'

const reason = RequiredText.describe('Why, for the history and the audit')
const baseVersion = z.int().min(1).describe('The active version that it is based on')

export const CreatePlaybookInput = z
  .strictObject({ document: PlaybookContent, reason })
  .meta({ id: 'CreatePlaybookInput' })
export type CreatePlaybookInput = z.infer<typeof CreatePlaybookInput>

export const PublishVersionInput = z
  .strictObject({ playbookId: PlaybookId, baseVersion, document: PlaybookContent, reason })
  .meta({ id: 'PublishVersionInput' })
export type PublishVersionInput = z.infer<typeof PublishVersionInput>

export const RollBackInput = z
  .strictObject({
    playbookId: PlaybookId,
    baseVersion,
    toVersion: z.int().min(1).describe('The earlier version whose content the new one has'),
    reason,
  })
  .meta({ id: 'RollBackInput' })
export type RollBackInput = z.infer<typeof RollBackInput>

export const RetirePlaybookInput = z
  .strictObject({ playbookId: PlaybookId, baseVersion, reason })
  .meta({ id: 'RetirePlaybookInput' })
export type RetirePlaybookInput = z.infer<typeof RetirePlaybookInput>

/** Answer of an operation that publishes a version. */
export const PublishedVersion = z
  .object({
    playbookId: PlaybookId,
    kind: VersionKind,
    oldVersion: z.int().min(1).nullable().describe('The version before; null for a playbook that is new'),
    newVersion: z.int().min(1),
    publishedAt: Instant,
  })
  .meta({ id: 'PublishedVersion' })
export type PublishedVersion = z.infer<typeof PublishedVersion>

/** What the operations that publish have in common. */
const publishing = {
  ...command,
  right: 'playbooks.publish',
  output: PublishedVersion,
  proposal: Proposal,
} as const

/** The operations that publish whole versions of playbooks, as rows of the operation table. */
export const PUBLISHING_OPERATIONS = {
  'playbooks.create': {
    ...publishing,
    operationId: 'createPlaybook',
    summary: 'Create a playbook, as version 1',
    path: '/v1/playbooks',
    status: 201,
    input: CreatePlaybookInput,
  },
  'playbooks.publish': {
    ...publishing,
    operationId: 'publishPlaybookVersion',
    summary: 'Publish a whole new version of a playbook; one that is retired is brought back by it',
    path: '/v1/playbooks/:playbookId/versions',
    status: 201,
    input: PublishVersionInput,
  },
  'playbooks.rollBack': {
    ...publishing,
    operationId: 'rollBackPlaybook',
    summary: 'Publish a new version with the content of an earlier one',
    path: '/v1/playbooks/:playbookId/versions:rollback',
    status: 201,
    input: RollBackInput,
  },
  'playbooks.retire': {
    ...publishing,
    operationId: 'retirePlaybook',
    summary:
      'Retire a playbook: it stays readable, and is changed no longer until a version is published again',
    path: '/v1/playbooks/:playbookId:retire',
    status: 200,
    input: RetirePlaybookInput,
  },
} as const satisfies Record<string, Operation>
