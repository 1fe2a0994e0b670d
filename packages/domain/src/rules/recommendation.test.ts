import { DeviceId, type Recommendation, RecommendationStatus } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { canonicalRecord } from '../canonical.ts'
import { type ActorName, ACTORS } from '../testing/actors.ts'
import { decisionText } from '../testing/decision-word.ts'
import { recommendation, storedRecommendation } from '../testing/recommendation-samples.ts'
import { sha256 } from '../testing/sha256.ts'
import { RECOMMENDATION_TABLE, type RecommendationEvent } from './recommendation.table.ts'
import { decideRecommendation, type StoredRecommendation } from './recommendation.ts'

const OLDER = '2026-02-11T18:59:59.999999Z'
const STORED_AT = '2026-02-11T19:00:00Z'
const NEWER = '2026-02-11T19:00:00.000001Z'
const AUTHOR = DeviceId.parse('dev_author')

const decide = (
  incoming: Recommendation,
  current?: StoredRecommendation,
  by: ActorName = 'author',
  observationAuthor: DeviceId | undefined = AUTHOR,
) =>
  decideRecommendation({
    actor: ACTORS[by],
    current,
    observationAuthor,
    incoming: canonicalRecord(incoming),
    timeMicros: storedRecommendation(incoming).timeMicros,
    sha256,
  })

const hold = (changes: Record<string, unknown> = {}) =>
  storedRecommendation(recommendation({ updatedAt: STORED_AT, ...changes }))

const refused = (code: string, resolution: string) =>
  expect.objectContaining({
    kind: 'conflict',
    code,
    resolution,
    message: expect.stringMatching(/^[A-Z].+\.$/),
  })

const contentHash = (changes: Record<string, unknown>): string =>
  sha256(canonicalRecord(recommendation(changes)).contentText)

/** Other content whose hash is on the desired side of the stored one's. */
function other(side: 'lesser' | 'greater'): Record<string, unknown> {
  const stored = contentHash({})
  const found = ['Wait', 'Spray early', 'Spray late', 'Irrigate', 'Monitor', 'Leave it']
    .map((action) => ({ action }))
    .find((changes) => contentHash(changes) > stored === (side === 'greater'))
  if (!found) throw new Error(`no sample with a ${side} hash`)
  return found
}

const INCOMING: Readonly<Record<RecommendationEvent, Record<string, unknown>>> = {
  'same content, older': { updatedAt: OLDER },
  'same content, same time': { updatedAt: STORED_AT },
  'same content, newer': { updatedAt: NEWER },
  'other content, older': { ...other('greater'), updatedAt: OLDER },
  'other content, same time, lesser hash': { ...other('lesser'), updatedAt: STORED_AT },
  'other content, same time, greater hash': { ...other('greater'), updatedAt: STORED_AT },
  'other content, newer': { ...other('lesser'), updatedAt: NEWER },
}
const EVENTS = Object.keys(INCOMING) as RecommendationEvent[]

describe('the transition table of recommendations', () => {
  for (const [stored, outcomes] of Object.entries(RECOMMENDATION_TABLE)) {
    for (const event of EVENTS) {
      for (const status of RecommendationStatus.options) {
        const expected = outcomes[event][status]
        it(`[REC-1, REC-4, REC-6, REC-7, REC-8, REC-9] stored ${stored}: ${event}, ${status}: ${expected}`, () => {
          const current = stored === 'none' ? undefined : hold({ status: stored })
          expect(decisionText(decide(recommendation({ ...INCOMING[event], status }), current))).toBe(expected)
        })
      }
    }
  }
})

describe('the rows of the conflict table', () => {
  it.each<[ActorName, unknown]>([
    ['author', { kind: 'accept', change: 'create', newCorrection: false }],
    ['agronomist', { kind: 'accept', change: 'create', newCorrection: false }],
    ['admin', { kind: 'accept', change: 'create', newCorrection: false }],
    ['otherScout', refused('FORBIDDEN', 'fix')],
    ['grantedService', refused('FORBIDDEN', 'fix')],
    ['authorNowViewer', refused('FORBIDDEN', 'fix')],
  ])('[REC-1, REC-5] a first copy sent by %s', (by, expected) => {
    expect(decide(recommendation(), undefined, by)).toEqual(expected)
  })

  it('[REC-2] an unknown observation leaves an orphan', () => {
    const decision = decideRecommendation({
      actor: ACTORS.admin,
      current: undefined,
      observationAuthor: undefined,
      incoming: canonicalRecord(recommendation()),
      timeMicros: 0,
      sha256,
    })
    expect(decision).toEqual(refused('RECOMMENDATION_ORPHAN', 'resubmit'))
  })

  it('[REC-3] an id that names a recommendation for another observation is taken, before rights are checked', () => {
    const taken = refused('RECOMMENDATION_ID_TAKEN', 'rename')
    const incoming = recommendation({ observationId: 'obs_20260211_0002', updatedAt: NEWER })
    expect(decide(incoming, hold())).toEqual(taken)
    expect(decide(incoming, hold(), 'otherScout')).toEqual(taken)
    expect(decide(incoming, hold({ status: 'rejected' }), 'admin')).toEqual(taken)
  })

  it.each(RecommendationStatus.options)('[REC-4] the same %s again is no change, from anyone', (status) => {
    const echo = recommendation({ status, updatedAt: STORED_AT })
    expect(decide(echo, hold({ status }), 'otherScout')).toEqual({ kind: 'duplicate', moveTime: false })
  })

  it.each(RecommendationStatus.options)('[REC-5] only author and correctors change a %s one', (status) => {
    const incoming = recommendation({ action: 'Wait', updatedAt: NEWER })
    const forbidden = refused('FORBIDDEN', 'accept_server')
    expect(decide(incoming, hold({ status }), 'otherScout')).toEqual(forbidden)
    expect(decide(incoming, hold({ status }), 'grantedService')).toEqual(forbidden)
    expect(decide(incoming, hold({ status }), 'agronomist')).not.toEqual(forbidden)
  })

  it('[REC-5, CNF-7] a refused first copy names what to repair', () => {
    expect(decide(recommendation(), undefined, 'otherScout')).toMatchObject({
      issues: [{ path: '/observationId', message: expect.stringContaining('that you may change') }],
    })
  })

  it.each(['confirmed', 'rejected'])('[REC-8] a %s one is decided for good', (status) => {
    const immutable = refused('RECOMMENDATION_IMMUTABLE', 'accept_server')
    expect(decide(recommendation({ updatedAt: NEWER }), hold({ status }))).toEqual(immutable)
    expect(decide(recommendation({ action: 'Wait', status, updatedAt: NEWER }), hold({ status }))).toEqual(
      immutable,
    )
  })

  it.each<[ActorName, boolean]>([
    ['author', true],
    ['agronomist', true],
    ['otherScout', false],
  ])('[REC-10] a newer re-send of a pending one by %s moves its time: %s', (by, moveTime) => {
    expect(decide(recommendation({ updatedAt: NEWER }), hold(), by)).toEqual({ kind: 'duplicate', moveTime })
  })

  it('[REC-9, OBS-19] of two times that were cut to one instant, the later `updatedAt` is the newer', () => {
    const [lesser, greater] = ['One', 'Two']
      .map((action) => recommendation({ action, updatedAt: '2026-02-13T19:00:00.000Z' }))
      .toSorted((a, b) => (contentHash(a) < contentHash(b) ? -1 : 1))
    if (!lesser || !greater) throw new Error('two records expected')
    const later = { ...lesser, updatedAt: '2026-02-13T19:00:00.001Z' }
    const decided = (incoming: Recommendation, current: Recommendation) => {
      const { timeMicros } = storedRecommendation(recommendation({ updatedAt: NEWER }))
      return decideRecommendation({
        actor: ACTORS.author,
        current: { ...storedRecommendation(current), timeMicros },
        observationAuthor: AUTHOR,
        incoming: canonicalRecord(incoming),
        timeMicros,
        sha256,
      })
    }
    expect(decisionText(decided(later, greater))).toBe('update')
    expect(decided(greater, later)).toEqual(refused('RECOMMENDATION_STALE_WRITE', 'accept_server'))
  })

  it('[REC-11] what it names besides its observation need not exist', () => {
    const changes = {
      playbookVersion: 999,
      supersedes: 'rec_20260211_0009',
      weatherFeaturesId: 'wxf_20260211_none',
    }
    expect(decisionText(decide(recommendation(changes)))).toBe('create')
  })
})
