import { Observation, type SyncConflict } from '@fieldsync/contracts'
import { observation, type SeededRandom, seededRandom, sha256 } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { decideAsSystem } from '../core/likely-conflict.ts'
import { attributeConflicts, decisionCode } from './attribute-conflicts.ts'
import { isSameVersion } from './reconcile-records.ts'

const decide = (current: Observation, incoming: Observation) =>
  decisionCode(decideAsSystem(current, incoming, sha256))

const base = observation({ observationId: 'obs_20260211_0001', status: 'draft' }, seededRandom(1))

/** A version of one observation: few contents, statuses and times, so that versions meet each other often. */
function version(random: SeededRandom, before: Observation | undefined): Observation {
  const content = random.int(1, 3)
  const corrects = before !== undefined && random.int(0, 2) === 0
  return Observation.parse({
    ...base,
    rawNoteText: `content ${content}`,
    deterministicChecksum: `sha256:0000000${content}`,
    status: random.pick(['draft', 'confirmed', 'logged']),
    updatedAt: new Date(Date.parse('2026-02-11T18:00:00Z') + random.int(0, 3) * 1000).toISOString(),
    ...(corrects && {
      correction: {
        correctionId: `cor_${random.int(1, 1e9)}`,
        reason: 'r',
        correctedAt: '2026-02-11T18:00:00Z',
        supersedes: before.deterministicChecksum,
      },
    }),
  })
}

const conflictWith = (record: Observation, code: SyncConflict['code']): SyncConflict => ({
  entityType: 'observation',
  entityId: base.observationId,
  code,
  message: 'no',
  conflictId: 'cnf_1' as SyncConflict['conflictId'],
  resolution: 'correct',
  server: { updatedAt: '2026-02-11T18:00:00Z', record },
})

const never = () => false

/** What a server makes of a batch: its conflicts, which writes they were about, and what it holds in the end. */
function decided(stored: Observation, writes: readonly Observation[]) {
  const outcomes: (SyncConflict | null)[] = []
  let current = stored
  // A re-send moves the time that counts, not the text that is kept and shown (OBS-22).
  let time = stored.updatedAt
  for (const write of writes) {
    const decision = decideAsSystem({ ...current, updatedAt: time }, write, sha256)
    outcomes.push(decision.kind === 'conflict' ? conflictWith(current, decision.code) : null)
    if (decision.kind === 'accept') current = write
    if (decision.kind === 'accept' || (decision.kind === 'duplicate' && decision.moveTime))
      time = write.updatedAt
  }
  return { outcomes, current }
}

/** What a device makes of outcomes: what it then takes for the server's version. */
function takenOver(
  writes: readonly Observation[],
  outcomes: readonly (SyncConflict | null)[],
): Observation | undefined {
  let server: Observation | undefined
  for (const [i, write] of writes.entries()) {
    const conflict = outcomes[i]
    if (conflict) server = conflict.server?.record as Observation
    else if (!server || !isSameVersion(server, write)) server = write
  }
  return server
}

describe('conflicts of a record with several writes in one batch', () => {
  it('[ENG-30, BAT-4] are laid to the writes that met them: hundreds of chains, judged by the rules', () => {
    const random = seededRandom(20_260_211)
    let mixed = 0
    for (let run = 0; run < 800; run++) {
      const stored = version(random, undefined)
      const writes: Observation[] = []
      for (let i = random.int(2, 4); i > 0; i--) writes.push(version(random, writes.at(-1) ?? stored))
      const { outcomes, current } = decided(stored, writes)
      const conflicts = outcomes.filter((each) => each !== null)
      const found = attributeConflicts(writes, conflicts, decide, isSameVersion, never, never)
      if (conflicts.length > 0 && conflicts.length < writes.length) mixed++
      expect(found.filter((each) => each !== null)).toEqual(conflicts)
      const server = takenOver(writes, found)
      expect(server && isSameVersion(server, current)).toBe(true)
    }
    expect(mixed).toBeGreaterThan(200)
  })

  it('[ENG-30, OBS-3, OBS-5] who has no right loses with what is new, not with what is held already', () => {
    const stored = Observation.parse({ ...base, status: 'confirmed' })
    const logged = Observation.parse({ ...base, status: 'logged' })
    const conflict = conflictWith(stored, 'FORBIDDEN')
    expect(attributeConflicts([stored, logged], [conflict], decide, isSameVersion, never, never)).toEqual([
      null,
      conflict,
    ])
    expect(attributeConflicts([logged, stored], [conflict], decide, isSameVersion, never, never)).toEqual([
      conflict,
      null,
    ])
  })

  describe('a correction that the server has had already', () => {
    const corrected = (content: string, checksum: string, supersedes: string) =>
      Observation.parse({
        ...base,
        status: 'confirmed',
        rawNoteText: content,
        deterministicChecksum: checksum,
        correction: {
          correctionId: `cor_${content}`,
          reason: 'r',
          correctedAt: '2026-02-11T18:00:00Z',
          supersedes,
        },
      })
    const known = corrected('mine', 'sha256:00000001', 'sha256:00000000')
    const logged: Observation = { ...known, status: 'logged' }
    const next = corrected('next', 'sha256:00000003', 'sha256:00000001')

    it('[ENG-30, OBS-11] lost to nothing that came since', () => {
      const since = corrected('theirs', 'sha256:00000002', 'sha256:00000001')
      const conflict = conflictWith(since, 'OBSERVATION_CORRECTION_STALE')
      const found = attributeConflicts(
        [logged, next],
        [conflict],
        decide,
        isSameVersion,
        (each) => each === logged,
        never,
      )
      expect(found).toEqual([null, conflict])
    })

    it('[ENG-30, OBS-11] is taken for such where nothing else fits: others went back to what it corrected', () => {
      const back = corrected('back', 'sha256:00000000', 'sha256:00000001')
      const conflict = conflictWith(back, 'OBSERVATION_CORRECTION_STALE')
      const hasCorrection = (each: Observation) => each.correction !== undefined
      const found = attributeConflicts(
        [logged, next],
        [conflict],
        decide,
        isSameVersion,
        never,
        hasCorrection,
      )
      expect(found).toEqual([null, conflict])
    })

    it.each([
      ['first', [known, next], 1],
      ['last', [next, known], 0],
    ])('[ENG-30, OBS-11] is the one of two that the other corrects, sent %s', (_, writes, loser) => {
      const since = corrected('theirs', 'sha256:00000002', 'sha256:00000001')
      const conflict = conflictWith(since, 'OBSERVATION_CORRECTION_STALE')
      const corrects = (one: Observation, other: Observation) =>
        one.correction?.supersedes === other.deterministicChecksum
      const found = attributeConflicts(writes, [conflict], decide, isSameVersion, never, () => true, corrects)
      expect(found[loser]).toEqual(conflict)
    })
  })

  it('[ENG-30, OBS-19] of two times far ahead a server may hold either for the newer', () => {
    const first = Observation.parse({ ...base, rawNoteText: 'first', updatedAt: '2026-02-13T18:00:00.000Z' })
    const second = Observation.parse({
      ...first,
      rawNoteText: 'second',
      updatedAt: '2026-02-13T18:00:00.001Z',
    })
    const conflict = conflictWith(first, 'OBSERVATION_STALE_WRITE')
    expect(attributeConflicts([first, second], [conflict], decide, isSameVersion, never, never)).toEqual([
      null,
      conflict,
    ])
  })

  it('[ENG-30, OBS-19] a write may be newer than a version whose time far ahead the server has cut', () => {
    const edit = (rawNoteText: string, updatedAt: string) =>
      Observation.parse({ ...base, rawNoteText, updatedAt })
    const ahead = edit('by a clock two days ahead', '2026-02-14T10:06:00Z')
    const conflict = conflictWith(ahead, 'OBSERVATION_STALE_WRITE')
    const writes = [edit('older', '2026-02-12T09:12:00Z'), edit('newer', '2026-02-12T10:12:00Z')]
    expect(attributeConflicts(writes, [conflict], decide, isSameVersion, never, never)).toEqual([
      conflict,
      null,
    ])
  })

  it('[ENG-30] an answer that fits no reading costs little, and lays them to the last writes', () => {
    const random = seededRandom(1)
    const writes = Array.from({ length: 40 }, () => version(random, undefined))
    const other = Observation.parse({ ...base, rawNoteText: 'nobody wrote this', status: 'draft' })
    const conflicts = Array.from({ length: 20 }, () => conflictWith(other, 'OBSERVATION_IMMUTABLE'))
    const found = attributeConflicts(writes, conflicts, () => 'taken', isSameVersion, never, never)
    expect(found.slice(20)).toEqual(conflicts)
    expect(found.slice(0, 20).every((each) => each === null)).toBe(true)
  })
})

describe('conflicts with versions that are named by a letter', () => {
  type Rules = Readonly<Record<string, ReturnType<typeof decisionCode>>>
  const conflictOf = (code: string, record?: string): SyncConflict =>
    ({ code, ...(record !== undefined && { server: { record } }) }) as unknown as SyncConflict
  /** @param rules what becomes of a write on top of another, as `stored>write`; else it is taken, and kept on itself */
  const read = (writes: string, conflicts: SyncConflict[], rules: Rules, { known = '', maybe = '' } = {}) =>
    attributeConflicts(
      [...writes],
      conflicts,
      (stored, write) => rules[`${stored}>${write}`] ?? (stored === write ? 'kept' : 'taken'),
      (a, b) => a === b,
      (write) => known.includes(write),
      (write) => maybe.includes(write),
    ).map((conflict) => (conflict ? conflicts.indexOf(conflict) : null))
  const IMMUTABLE = 'OBSERVATION_IMMUTABLE'

  it.each<[string, string, SyncConflict[], Rules, (number | null)[]]>([
    ['with nothing shown are of the first write', 'ab', [conflictOf('FORBIDDEN')], {}, [0, null]],
    [
      'with nothing shown are of a later one where the next conflict needs that',
      'abc',
      [conflictOf('FORBIDDEN'), conflictOf(IMMUTABLE, 'a')],
      { 'a>c': IMMUTABLE },
      [null, 0, 1],
    ],
    [
      'are of the write that loses to what was taken before it',
      'abc',
      [conflictOf(IMMUTABLE, 'a')],
      { 'a>b': IMMUTABLE },
      [null, 0, null],
    ],
    [
      'are not of a write that loses otherwise',
      'abc',
      [conflictOf(IMMUTABLE, 'x')],
      { 'x>a': 'OBSERVATION_CORRECTION_STALE', 'x>b': IMMUTABLE, 'a>b': IMMUTABLE },
      [null, null, 0],
    ],
    [
      'of what the server has already are of a new version',
      'xab',
      [conflictOf('FORBIDDEN', 'x')],
      {},
      [null, 0, null],
    ],
    [
      'by its time may be of an observation that this device takes for newer',
      'ab',
      [conflictOf('OBSERVATION_STALE_WRITE', 'x')],
      {},
      [0, null],
    ],
    [
      'by its time may be of a recommendation that this device takes for newer',
      'ab',
      [conflictOf('RECOMMENDATION_STALE_WRITE', 'x')],
      {},
      [0, null],
    ],
    [
      'leave the newer write taken that this device takes for older',
      'abc',
      [conflictOf(IMMUTABLE, 'a')],
      { 'a>b': IMMUTABLE, 'a>c': 'OBSERVATION_STALE_WRITE' },
      [null, 0, null],
    ],
    [
      'by its time are of the write that is older as far as this device knows',
      'abc',
      [conflictOf('OBSERVATION_STALE_WRITE', 'a')],
      { 'a>b': 'kept', 'a>c': 'OBSERVATION_STALE_WRITE' },
      [null, null, 0],
    ],
    ['without a reading are of the last writes', 'abc', [conflictOf(IMMUTABLE, 'x')], {}, [null, null, 0]],
  ])('[ENG-30, OBS-3, OBS-19] %s', (_, writes, conflicts, rules, expected) => {
    expect(read(writes, conflicts, rules)).toEqual(expected)
  })

  it('[ENG-30, OBS-11] a correction that the server had, or may have had, is kept on top of anything', () => {
    const rules: Rules = { 'a>b': IMMUTABLE, 'a>c': IMMUTABLE }
    expect(read('abc', [conflictOf(IMMUTABLE, 'a')], rules, { known: 'b' })).toEqual([null, null, 0])
    expect(read('abc', [conflictOf(IMMUTABLE, 'a')], rules, { maybe: 'c' })).toEqual([null, 0, null])
    // A time is doubted after that.
    const stale: Rules = { 'a>b': 'kept', 'a>m': IMMUTABLE, 'a>c': 'OBSERVATION_STALE_WRITE' }
    const conflicts = [conflictOf('OBSERVATION_STALE_WRITE', 'a')]
    expect(read('abmc', conflicts, stale, { maybe: 'm' })).toEqual([null, null, null, 0])
  })

  it('[ENG-30] with no reading of many that begin alike cost little', () => {
    const writes = 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn'
    const conflicts = [
      ...Array.from({ length: 19 }, () => conflictOf('FORBIDDEN')),
      conflictOf(IMMUTABLE, 'X'),
    ]
    expect(read(writes, conflicts, {}).slice(20)).toEqual(conflicts.map((_, i) => i))
  })

  it.each([
    [{ kind: 'accept', change: 'create', newCorrection: false }, 'taken'],
    [{ kind: 'duplicate', moveTime: true }, 'taken'],
    [{ kind: 'duplicate', moveTime: false }, 'kept'],
  ] as const)('[OBS-22] the decision %j counts as %s', (decision, expected) => {
    expect(decisionCode(decision)).toBe(expected)
  })
})
