import { Playbook, PlaybookContent, PlaybookId, PlaybookPatch } from '@fieldsync/contracts'
import type { MemberTexts } from '@fieldsync/db'
import {
  type ActivePlaybook,
  canonicalRecord,
  canonicalText,
  combineDigests,
  decidePublication,
  type PublicationRequest,
  recordDigest,
} from '@fieldsync/domain'
import { altered, playbook, playbookPatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { sha256 } from '../core/json-text.ts'
import { publicationRows } from './publication-rows.ts'

const AT = '2026-02-12T08:00:00.000Z'
const ID = PlaybookId.parse('pbk_yolo_grape')
const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const active: ActivePlaybook = { document: Playbook.parse(playbook()), retired: false }
const windier = PlaybookContent.parse(altered(playbook(), WIND, 14))

/** What the rules make of a request that they accept. */
function accept(before: ActivePlaybook | undefined, request: PublicationRequest) {
  const decision = decidePublication(before, request, AT)
  if (decision.kind === 'refuse') throw new Error(decision.reason)
  return decision
}

const byAnna = { playbookId: ID, madeBy: 'dev_web_anna', reason: 'Drift', proposal: null }
const accepted = accept(active, { kind: 'publication', baseVersion: 3, document: windier })
const published = { ...byAnna, kind: 'publication', active, accepted } as const
const creation = accept(undefined, { kind: 'creation', document: windier })
const created = { ...byAnna, kind: 'creation', active: undefined, accepted: creation } as const
const patch = PlaybookPatch.parse(playbookPatch({ requestedByDeviceId: 'dev_web_anna' }))
const fromPatch = { ...published, kind: 'patch', proposal: 12, patch } as const

const listOf = (rows: MemberTexts): unknown[] => rows.map((row): unknown => JSON.parse(`{${row}}`))
const digest = (document: object) => recordDigest('playbook', ID, canonicalRecord(document), sha256)

describe('a version that was published whole', () => {
  it('[PUB-8, PUB-9] is one row of the log, written only while the version it was decided on is active', () => {
    const { rows } = publicationRows(published)
    expect(listOf(rows.playbooks)).toEqual([{ i: 1, id: ID, revision: 3, version: 4, updated: AT }])
    expect(rows).toMatchObject({ positions: 1, patches: [] })
  })

  it('[PUB-7] is stored with its kind, who made it, why and from which proposal', () => {
    const columns = {
      playbook: ID,
      version: 4,
      paths: [WIND],
      by: 'dev_web_anna',
      reason: 'Drift',
      patch: null,
    }
    const [{ rows }, { rows: approved }] = [
      publicationRows(published),
      publicationRows({ ...published, proposal: 12 }),
    ]
    expect(listOf(rows.versions)).toEqual([
      { ...columns, kind: 'publication', proposal: null, document: accepted.document },
    ])
    expect(listOf(approved.versions)).toMatchObject([{ ...columns, proposal: 12 }])
  })

  it('[HSH-1] is stored as the very text that is hashed, and takes the place of the earlier one in the state hash', () => {
    const { rows, change } = publicationRows(published)
    const text = canonicalText(accepted.document)
    expect(rows.versions[0]?.slice(-text.length)).toBe(text)
    expect(change.after).toBe(sha256(text))
    expect(combineDigests(digest(active.document), rows.stateDelta ?? '')).toBe(
      combineDigests(digest(accepted.document)),
    )
  })

  it('[AUD-16] is audited by both versions, the reason, and the place that differs', () => {
    expect(publicationRows(published).change).toEqual({
      type: 'playbook',
      id: ID,
      kind: 'publish',
      before: sha256(canonicalText(active.document)),
      after: sha256(canonicalText(accepted.document)),
      paths: [WIND],
      edit: {
        patch: null,
        reason: 'Drift',
        from: 3,
        version: 4,
        places: [{ path: WIND, before: sha256('12'), after: sha256('14') }],
      },
    })
  })

  it.each([
    ['rollback', 'roll_back'],
    ['retirement', 'retire'],
  ] as const)('[PUB-7] of the kind %s is audited as %s', (kind, audited) => {
    const { rows, change } = publicationRows({ ...published, kind })
    expect(change.kind).toBe(audited)
    expect(listOf(rows.versions)).toMatchObject([{ kind }])
  })
})

describe('the first version of a playbook', () => {
  it('[PUB-1, PUB-9] is written only while there is none, and adds itself to the state hash', () => {
    const { rows } = publicationRows(created)
    expect(listOf(rows.playbooks)).toEqual([{ i: 1, id: ID, revision: null, version: 1, updated: AT }])
    expect(rows.stateDelta).toBe(combineDigests(digest(creation.document)))
  })

  it('[AUD-16] is audited with nothing before it', () => {
    const { change } = publicationRows(created)
    expect(change).toMatchObject({ kind: 'create', before: null, edit: { from: null, version: 1 } })
    expect(change.edit?.places.every(({ before }) => before === null)).toBe(true)
  })

  it('of the operator is made by nobody', () => {
    expect(listOf(publicationRows({ ...created, madeBy: null }).rows.versions)).toMatchObject([{ by: null }])
  })
})

describe('[PUB-13] a version made from a proposed patch', () => {
  it('is stored with the patch, whose attempt says who sent it and why', () => {
    const { rows } = publicationRows(fromPatch)
    expect(listOf(rows.versions)).toMatchObject([
      { playbook: ID, version: 4, patch: patch.patchId, proposal: 12, kind: null, by: null, reason: null },
    ])
    expect(listOf(rows.patches)).toEqual([
      {
        id: patch.patchId,
        playbook: ID,
        outcome: 'applied',
        code: null,
        old: 3,
        new: 4,
        by: 'dev_web_anna',
        document: patch,
      },
    ])
    expect(rows.patches[0]).toContain(`"document":${canonicalText(patch)}`)
  })

  it('[AUD-16] is audited as the patch that it is', () => {
    expect(publicationRows(fromPatch).change).toMatchObject({
      kind: 'patch',
      edit: { patch: patch.patchId, reason: 'Drift', from: 3, version: 4 },
    })
  })
})
