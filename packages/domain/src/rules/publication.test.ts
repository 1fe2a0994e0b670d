import { type Instant, Playbook, type PlaybookContent, RuleId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { at as pointer, PLAYBOOK } from '../testing/playbook-samples.ts'
import {
  type ActivePlaybook,
  decidePublication,
  type PublicationDecision,
  type PublicationKind,
  type PublicationRefusal,
  type PublicationRequest,
} from './publication.ts'

const AT = '2026-02-12T08:00:00.000Z' as Instant

const changed = (instructions: string): Playbook => {
  const document = structuredClone(PLAYBOOK)
  for (const rule of Object.values(document.rules)) rule.action.instructions = instructions
  return document
}
const contentOf = ({ playbookId, crop, region, rules }: Playbook): PlaybookContent => ({
  playbookId,
  crop,
  region,
  rules,
})

const ACTIVE: Readonly<Record<'absent' | 'active' | 'retired', ActivePlaybook | undefined>> = {
  absent: undefined,
  active: { document: PLAYBOOK, retired: false },
  retired: { document: PLAYBOOK, retired: true },
}
type State = keyof typeof ACTIVE
type Base = 'same base' | 'other base'
type Content = 'changes' | 'no change' | 'not stored'

const base = (which: Base): number => PLAYBOOK.version - (which === 'same base' ? 0 : 1)

function requestOf(kind: PublicationKind, which: Base, content: Content): PublicationRequest | undefined {
  const baseVersion = base(which)
  const document = contentOf(content === 'changes' ? changed('Wait') : PLAYBOOK)
  const earlier = { ...document, version: PLAYBOOK.version - 1, updatedAt: PLAYBOOK.updatedAt }
  switch (kind) {
    case 'creation':
      return content === 'not stored' || which === 'other base' ? undefined : { kind, document }
    case 'publication':
      return content === 'not stored' ? undefined : { kind, baseVersion, document }
    case 'rollback':
      return { kind, baseVersion, earlier: content === 'not stored' ? undefined : earlier }
    case 'retirement':
      return content === 'changes' ? { kind, baseVersion } : undefined
  }
}

/** Every cell: kind, state, base, content. */
const CELLS: Readonly<Record<PublicationKind, Record<State, Record<string, 'accept' | PublicationRefusal>>>> =
  {
    creation: {
      absent: { 'same base, changes': 'accept', 'same base, no change': 'accept' },
      active: { 'same base, changes': 'exists', 'same base, no change': 'exists' },
      retired: { 'same base, changes': 'exists', 'same base, no change': 'exists' },
    },
    publication: {
      absent: {
        'same base, changes': 'unknown',
        'same base, no change': 'unknown',
        'other base, changes': 'unknown',
        'other base, no change': 'unknown',
      },
      active: {
        'same base, changes': 'accept',
        'same base, no change': 'unchanged',
        'other base, changes': 'version_mismatch',
        'other base, no change': 'version_mismatch',
      },
      retired: {
        'same base, changes': 'accept',
        'same base, no change': 'accept',
        'other base, changes': 'version_mismatch',
        'other base, no change': 'version_mismatch',
      },
    },
    rollback: {
      absent: {
        'same base, changes': 'unknown',
        'same base, no change': 'unknown',
        'same base, not stored': 'unknown',
        'other base, changes': 'unknown',
        'other base, no change': 'unknown',
        'other base, not stored': 'unknown',
      },
      active: {
        'same base, changes': 'accept',
        'same base, no change': 'unchanged',
        'same base, not stored': 'unknown_version',
        'other base, changes': 'version_mismatch',
        'other base, no change': 'version_mismatch',
        'other base, not stored': 'version_mismatch',
      },
      retired: {
        'same base, changes': 'accept',
        'same base, no change': 'accept',
        'same base, not stored': 'unknown_version',
        'other base, changes': 'version_mismatch',
        'other base, no change': 'version_mismatch',
        'other base, not stored': 'version_mismatch',
      },
    },
    retirement: {
      absent: { 'same base, changes': 'unknown', 'other base, changes': 'unknown' },
      active: { 'same base, changes': 'accept', 'other base, changes': 'version_mismatch' },
      retired: { 'same base, changes': 'retired', 'other base, changes': 'version_mismatch' },
    },
  }

const outcomeOf = (decision: PublicationDecision) => (decision.kind === 'accept' ? 'accept' : decision.reason)

describe('decidePublication', () => {
  it('[PUB-1, PUB-2, PUB-3, PUB-4] has these outcomes, in every cell', () => {
    const cells: Record<string, Record<string, Record<string, string>>> = {}
    for (const kind of ['creation', 'publication', 'rollback', 'retirement'] as const)
      for (const state of ['absent', 'active', 'retired'] as const)
        for (const which of ['same base', 'other base'] as const)
          for (const content of ['changes', 'no change', 'not stored'] as const) {
            const request = requestOf(kind, which, content)
            if (!request) continue
            const outcome = outcomeOf(decidePublication(ACTIVE[state], request, AT))
            ;((cells[kind] ??= {})[state] ??= {})[`${which}, ${content}`] = outcome
          }
    expect(cells).toEqual(CELLS)
  })

  const accepted = (active: ActivePlaybook | undefined, request: PublicationRequest) => {
    const decision = decidePublication(active, request, AT)
    if (decision.kind !== 'accept') throw new Error(decision.reason)
    return decision
  }

  it('[PUB-1] creates version 1, which takes create and publish of the whole playbook', () => {
    expect(accepted(undefined, { kind: 'creation', document: contentOf(PLAYBOOK) })).toEqual({
      kind: 'accept',
      document: { ...PLAYBOOK, version: 1, updatedAt: AT },
      paths: [''],
      changes: [
        { path: [], action: 'create' },
        { path: [], action: 'publish' },
      ],
    })
  })

  it('[PUB-2] takes publish at every place that differs, whatever may be edited', () => {
    const document = { ...changed('Wait'), retiredAt: AT }
    delete document.rules[RuleId.parse('rule_b')]
    const decision = accepted(ACTIVE.active, {
      kind: 'publication',
      baseVersion: 3,
      document,
    })
    const { retiredAt: _retiredAt, ...content } = document
    expect(decision.document).toEqual({ ...content, version: 4, updatedAt: AT })
    expect(Playbook.safeParse(decision.document).success).toBe(true)
    expect(decision.paths).toEqual([pointer('/action/instructions'), '/rules/rule_b'])
    expect(decision.changes).toEqual([
      { path: ['rules', 'rule_a', 'action', 'instructions'], action: 'publish' },
      { path: ['rules', 'rule_b'], action: 'publish' },
    ])
  })

  it('[PUB-3] a rollback is a new version with the old content', () => {
    const earlier = { ...changed('As before'), version: 1 }
    const { document } = accepted(ACTIVE.active, { kind: 'rollback', baseVersion: 3, earlier })
    expect(document).toEqual({ ...earlier, version: 4, updatedAt: AT })
  })

  it('[PUB-3] the active version is none to go back to, unless it is retired', () => {
    const request = { kind: 'rollback', baseVersion: 3, earlier: PLAYBOOK } as const
    expect(decidePublication(ACTIVE.active, request, AT)).toEqual({
      kind: 'refuse',
      reason: 'unknown_version',
    })
    expect(accepted(ACTIVE.retired, request).document.version).toBe(4)
  })

  it('[PUB-4] a retirement changes nothing in the playbook, and takes delete and publish of all of it', () => {
    expect(accepted(ACTIVE.active, { kind: 'retirement', baseVersion: 3 })).toEqual({
      kind: 'accept',
      document: { ...PLAYBOOK, version: 4, updatedAt: AT },
      paths: [],
      changes: [
        { path: [], action: 'delete' },
        { path: [], action: 'publish' },
      ],
    })
  })

  it('[PUB-4] a retired playbook is brought back by whoever may publish all of it', () => {
    const document = contentOf(PLAYBOOK)
    const { changes, paths } = accepted(ACTIVE.retired, { kind: 'publication', baseVersion: 3, document })
    expect({ changes, paths }).toEqual({ changes: [{ path: [], action: 'publish' }], paths: [] })
  })
})
