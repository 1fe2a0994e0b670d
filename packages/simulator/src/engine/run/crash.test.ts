import { describe, expect, it } from 'vitest'

import { contentKeyOf } from '../../devices/content-key.ts'
import type { WrittenDocument } from '../../state/device-copy.ts'
import { Crash, type TestDevice } from '../testing/test-device.ts'
import { testWorld } from '../testing/test-world.ts'

const wind = (value: number) => ({
  playbookId: 'pbk_yolo_grape',
  reason: `wind ${value}`,
  operations: [{ op: 'replace' as const, path: '/rules/rule_pm_moderate/constraints/maxWindKph', value }],
})

type Step = (device: TestDevice) => Promise<unknown>

/** A day of Anna's with a bit of everything, as steps that may be repeated after a crash. */
async function aDay() {
  const world = await testWorld({ settings: { batchRecords: 3, pageRecords: 2 } })
  const { server, anna, ben } = world
  server.model.setBuild({ refuses: (record) => 'rawNoteText' in record && record.rawNoteText === 'bad' })
  const draft = anna.note()
  const confirmed = anna.note({ status: 'confirmed' })
  const taken = anna.note({ observationId: 'obs_20260211_0001' })
  const bad = anna.note({ rawNoteText: 'bad' })
  const advice = anna.advice({ observationId: draft.observationId })
  const backup = { state: server.backup() }
  const steps: Step[] = [
    ({ engine }) => engine.saveObservation(draft),
    (device) => device.sync(),
    ({ engine }) => engine.saveObservation(confirmed),
    ({ engine }) => engine.correct(confirmed.observationId, { rawNoteText: 'corrected' }, 'misread'),
    ({ engine }) => engine.saveRecommendation(advice),
    ({ engine }) => engine.saveObservation(bad),
    ({ engine }) => engine.saveObservation(taken),
    ({ engine }) => engine.patchPlaybook(wind(9)),
    ({ link }) => Promise.resolve(link.next('lost')),
    (device) => device.sync(),
    ({ engine }) =>
      engine.saveObservation({
        ...draft,
        rawNoteText: 'second look',
        updatedAt: new Date(anna.now).toISOString(),
      }),
    async ({ engine }) => {
      for (const { id, kind } of await engine.conflicts()) {
        if (kind === 'server') await engine.resolve.rename(id)
        else await engine.resolve.discard(id)
      }
    },
    (device) => device.sync(),
    async () => server.restore(backup.state),
    (device) => device.sync(),
    (device) => device.sync(),
  ]
  const prepare = async () => {
    await ben.saved({ observationId: taken.observationId })
    await ben.sync()
    backup.state = server.backup()
  }
  return { ...world, steps, prepare }
}

/** Runs the day; where the process dies, it comes back and the step is done again. */
async function live(day: Awaited<ReturnType<typeof aDay>>): Promise<string[]> {
  const { anna, server, steps } = day
  const written: WrittenDocument[] = []
  for (const step of steps) {
    for (let again = true; again;) {
      again = false
      try {
        const outcome = await anna.orDie(step(anna))
        if (isSaved(outcome)) written.push(outcome.record.local)
      } catch (error) {
        if (!(error instanceof Crash)) throw error
        again = true
      }
      if (anna.isDead) {
        const findings = await anna.findings()
        if (findings.length > 0) return findings
        await anna.restart()
        again = true
      }
    }
  }
  const { entries, conflicts } = await anna.engine.exportQueue()
  const held = new Set(
    [...entries.map(({ document }) => document), ...conflicts.map(({ losing }) => losing)].map(contentKeyOf),
  )
  const lost = written.filter((document) => {
    const known = held.has(contentKeyOf(document)) || server.watch.accepted.has(contentKeyOf(document))
    return !known && !isGivenUp(document)
  })
  return [
    ...(await anna.findings()),
    ...lost.map((document) => `lost ${JSON.stringify(document)}`),
    ...(anna.engine.status().state === 'idle' ? [] : [`ends ${anna.engine.status().state}`]),
    ...(entries.length === 0 ? [] : [`pending ${JSON.stringify([entries, conflicts])}`]),
    ...(anna.position.stateHash === server.stateHash() ? [] : ['the copies differ']),
  ]
}

/** What the day itself discards, and what goes on under another id. */
const isGivenUp = (document: object): boolean =>
  ('rawNoteText' in document && document.rawNoteText === 'bad') ||
  ('observationId' in document && document.observationId === 'obs_20260211_0001')

const isSaved = (outcome: unknown): outcome is { record: { local: WrittenDocument } } =>
  typeof outcome === 'object' &&
  outcome !== null &&
  'record' in outcome &&
  'ok' in outcome &&
  outcome.ok === true

/** How often a day without a crash commits; it must end well itself. */
async function commitsOfADay(): Promise<number> {
  const day = await aDay()
  await day.prepare()
  const findings = await live(day)
  if (findings.length > 0) throw new Error(findings.join('\n'))
  return day.anna.disk.commits
}

describe('a process that dies', async () => {
  const commits = await commitsOfADay()

  for (let commit = 0; commit < commits; commit++) {
    it(`[GUA-9, GUA-10, ENG-3] before or after commit ${commit} of a day loses nothing, and drains`, async () => {
      for (const when of ['before', 'after'] as const) {
        const day = await aDay()
        await day.prepare()
        day.anna.crashAt(commit, when)
        expect({ when, findings: await live(day) }).toEqual({ when, findings: [] })
      }
    })
  }
})
