import { type Observation, ObservationStatus } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { canonicalRecord } from '../canonical.ts'
import { ACTORS } from '../testing/actors.ts'
import { decisionText } from '../testing/decision-word.ts'
import { checksum, correction, observation, storedObservation } from '../testing/observation-samples.ts'
import { sha256 } from '../testing/sha256.ts'
import type { Decision } from './decision.ts'
import { OBSERVATION_TABLE, type ObservationEvent } from './observation.table.ts'
import { decideObservation } from './observation.ts'

const OLDER = '2026-02-11T18:59:59.999999Z'
const STORED_AT = '2026-02-11T19:00:00Z'
const NEWER = '2026-02-11T19:00:00.000001Z'
const CURRENT = checksum('b')
const EARLIER = checksum('a')
const EARLIER_CONTENT = { rawNoteText: 'Earlier', deterministicChecksum: EARLIER }
const OTHER_CONTENT = { rawNoteText: 'Other', deterministicChecksum: checksum('c') }

const INCOMING: Readonly<Record<ObservationEvent, Record<string, unknown>>> = {
  'same content, older': { updatedAt: OLDER },
  'same content, same time': { updatedAt: STORED_AT },
  'same content, newer': { updatedAt: NEWER },
  'other content, older': { ...OTHER_CONTENT, updatedAt: OLDER },
  'other content, same time, lesser checksum': { ...EARLIER_CONTENT, updatedAt: STORED_AT },
  'other content, same time, greater checksum': { ...OTHER_CONTENT, updatedAt: STORED_AT },
  'other content, newer': { ...OTHER_CONTENT, updatedAt: NEWER },
  'new correction of the current version': { ...OTHER_CONTENT, correction: correction('cor_new', CURRENT) },
  'new correction of an earlier version': { ...OTHER_CONTENT, correction: correction('cor_new', EARLIER) },
  'new correction with the current checksum': {
    rawNoteText: 'Other',
    correction: correction('cor_new', CURRENT),
  },
  'known correction with its content': { ...EARLIER_CONTENT, correction: correction('cor_known', CURRENT) },
  'known correction with other content': { ...OTHER_CONTENT, correction: correction('cor_known', CURRENT) },
}

const EVENTS = Object.keys(INCOMING) as ObservationEvent[]

describe('the transition table of observations', () => {
  for (const [stored, outcomes] of Object.entries(OBSERVATION_TABLE)) {
    describe(`stored: ${stored}`, () => {
      for (const event of EVENTS) {
        for (const status of ObservationStatus.options) {
          const expected = outcomes[event][status]
          it(`[${rulesOf(stored)}] ${event}, ${status}: ${expected}`, () => {
            const incoming = observation({ updatedAt: NEWER, ...INCOMING[event], status })
            const current =
              stored === 'none' ? undefined : held(observation({ updatedAt: STORED_AT, status: stored }))
            expect(decisionText(decide(incoming, current))).toBe(expected)
          })
        }
      }
    })
  }
})

const held = (record: Observation) =>
  storedObservation(
    record,
    new Map([['cor_known', sha256(canonicalRecord(observation(EARLIER_CONTENT)).contentText)]]),
  )

function decide(incoming: Observation, current: ReturnType<typeof storedObservation> | undefined): Decision {
  const { timeMicros } = storedObservation(incoming)
  return decideObservation({
    actor: ACTORS.author,
    current,
    incoming: canonicalRecord(incoming),
    timeMicros,
    sha256,
  })
}

function rulesOf(stored: string): string {
  if (stored === 'none') return 'OBS-1, OBS-16'
  return stored === 'draft' ? 'OBS-6, OBS-7' : 'OBS-8, OBS-9, OBS-10, OBS-11, OBS-12, OBS-13'
}
