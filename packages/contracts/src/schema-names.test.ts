import { expect, it } from 'vitest'
import { z } from 'zod'

import * as contracts from './index.ts'

// Parts of others, inputs that are parameters, and what is not on the wire by itself. `ToldConflict` was published so.
const UNNAMED = new Set<string>([
  'AcceptedCounts',
  'AuditInput',
  'ConflictPlaybookState',
  'ConflictServerState',
  'CorrectionsInput',
  'DeviceReport',
  'DevicesInput',
  'Downstream',
  'GrantsInput',
  'LivePokeEvent',
  'LiveWeatherInput',
  'Location',
  'NoInput',
  'ObservationCorrection',
  'ObservationInput',
  'ObservationLocation',
  'ObservationsInput',
  'PageInput',
  'PatchInput',
  'PlaybookInput',
  'PlaybookVersionsInput',
  'ProposalInput',
  'ProposalsInput',
  'RecommendationInput',
  'RecommendationsInput',
  'ReportedConflict',
  'ReportedState',
  'SecurityEventsInput',
  'SyncInput',
  'SyncUpserts',
  'SyncsInput',
  'Tombstone',
  'ValidationIssue',
])

it('a shape has the same name in the OpenAPI document and in code', () => {
  const named = Object.entries(contracts).flatMap(([name, schema]) =>
    schema instanceof z.ZodObject && !UNNAMED.has(name) ? [[name, schema.meta()?.id]] : [],
  )
  expect(named.length).toBeGreaterThan(30)
  expect(named).toEqual(named.map(([name]) => [name, name]))
})
