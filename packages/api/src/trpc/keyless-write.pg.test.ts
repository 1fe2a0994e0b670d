import { observation, playbookPatch } from '@fieldsync/testkit'
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import { expect, it } from 'vitest'

import { realApi } from '../testing/real-api.ts'
import type { AppRouter } from './app-router.ts'

const api = await realApi()

async function agronomist() {
  const token = await api.device(await api.workspace(), 'dev_agro_1', 'agronomist')
  const headers = { 'x-device-token': token }
  return createTRPCClient<AppRouter>({ links: [httpLink({ url: `${api.url}/trpc`, headers })] })
}

it('[HDR-1][OPS-5] an observation that is sent again without a key is evaluated by its content, not refused by its id', async () => {
  const client = await agronomist()
  const draft = observation({ deviceId: 'dev_agro_1', status: 'draft', updatedAt: '2026-02-11T18:00:00Z' })
  const edited = { ...draft, rawNoteText: 'Edited', updatedAt: '2026-02-11T19:00:00Z' }
  const confirmed = { ...edited, status: 'confirmed' as const, updatedAt: '2026-02-11T20:00:00Z' }
  for (const each of [draft, draft, edited, confirmed])
    expect(await client.observations.create.mutate(each)).toEqual(each)
  expect(await client.observations.get.query({ observationId: draft.observationId })).toEqual(confirmed)
})

it('[HDR-1][PCH-2] a patch without a key under the id of another one follows the rules of patches', async () => {
  const client = await agronomist()
  const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1' })
  const first = await client.playbooks.applyPatch.mutate(patch)
  expect(await client.playbooks.applyPatch.mutate(patch)).toEqual(first)
  const refusal = await client.playbooks.applyPatch
    .mutate({ ...patch, reason: 'Another' })
    .catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(TRPCClientError)
  expect(refusal).toMatchObject({
    data: { envelope: { error: { code: 'CONFLICT', details: { conflict: { code: 'PATCH_ID_REUSED' } } } } },
  })
})
