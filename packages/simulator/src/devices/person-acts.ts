import { type EntityType, ForeignStoreError, type RecordView, type SyncEngine } from '@fieldsync/sync-engine'
import { observation, recommendation } from '@fieldsync/testkit'

import type { WrittenDocument } from '../state/device-copy.ts'
import type { DeviceStep } from './device-script.ts'
import type { SimulatedDevice } from './simulated-device.ts'

/** A write that is under way, with the name of its record: a device may die before it says that it has kept it. */
export type PersonAct = { name: string; outcome: Promise<WrittenDocument | null> }

type WriteStep = Extract<DeviceStep, { value: number }>
type Saved = { ok: true; record: { local: WrittenDocument | null } } | { ok: false }

const PLAYBOOK = 'pbk_yolo_grape'
const STATUSES = ['pending_confirmation', 'confirmed', 'rejected'] as const
const RULES = ['rule_pm_moderate', 'rule_heat_moderate'] as const

/** Fields that came with contract 1.4.0. */
const LATER = {
  notObserved: ['/normalization/windEstimateKph'],
  location: { lat: 38.5, lon: -121.7, source: 'gps' as const, accuracyM: 8 },
}

/** What a person writes at a device; null where there is nothing to do it to. */
export async function personAct(
  device: SimulatedDevice,
  engine: SyncEngine,
  step: Exclude<WriteStep, { do: 'resolve' }>,
): Promise<PersonAct | null> {
  const { deviceId, clock, rng } = device
  const now = new Date(clock.now()).toISOString()
  switch (step.do) {
    case 'note': {
      const { oldId, poison, value, fresh } = step
      const dated = { createdAt: now, updatedAt: now }
      const id = oldId === undefined ? {} : { observationId: `obs_20260211_000${oldId}` }
      const rawNoteText = poison ? `poison ${poison} ${value}` : `note ${value}`
      const made = observation({ deviceId, ...dated, ...id, rawNoteText, ...(fresh && LATER) }, rng)
      return { name: made.observationId, outcome: saved(engine.saveObservation(made)) }
    }
    case 'edit': {
      const seen = await oneOf(engine, 'observation', step.pick)
      if (seen?.document.status !== 'draft') return null
      const edited = { ...seen.document, rawNoteText: `edit ${step.value}` }
      return { name: seen.id, outcome: saved(engine.saveObservation(edited, basedOn(seen, step))) }
    }
    case 'confirm': {
      const seen = await oneOf(engine, 'observation', step.pick)
      if (!seen) return null
      const status = seen.document.status === 'draft' ? 'confirmed' : 'logged'
      const confirmed = { ...seen.document, status } as const
      return { name: seen.id, outcome: saved(engine.saveObservation(confirmed, basedOn(seen, step))) }
    }
    case 'correct': {
      const seen = await oneOf(engine, 'observation', step.pick)
      if (!seen || seen.document.status === 'draft') return null
      const changes = { rawNoteText: `corrected ${step.value}` }
      const outcome = saved(engine.correct(seen.id, changes, 'Seen again.', basedOn(seen, step)))
      return { name: seen.id, outcome }
    }
    case 'advise': {
      const seen = await oneOf(engine, 'observation', step.pick)
      if (!seen) return null
      const dated = { generatedAt: now, updatedAt: now }
      const made = recommendation({ observationId: seen.id, ...dated, action: `advice ${step.value}` }, rng)
      return { name: made.recommendationId, outcome: saved(engine.saveRecommendation(made)) }
    }
    case 'decide': {
      const seen = await oneOf(engine, 'recommendation', step.pick)
      if (!seen) return null
      const { value, direct } = step
      const decided = direct
        ? {
            ...seen.document,
            status: STATUSES[value % STATUSES.length] ?? 'confirmed',
            action: `act ${value % 9}`,
          }
        : ({ ...seen.document, status: value % 2 === 0 ? 'confirmed' : 'rejected' } as const)
      return { name: seen.id, outcome: saved(engine.saveRecommendation(decided, basedOn(seen, step))) }
    }
    case 'submit':
      return submitForm(device, engine, step.value)
    case 'patch': {
      const rule = RULES[step.pick % RULES.length]
      const path = `/rules/${rule}/constraints/maxWindKph`
      const operations = [{ op: 'replace' as const, path, value: 5 + (step.value % 12) }]
      const reason = `wind ${step.value}`
      const outcome = saved(engine.patchPlaybook({ playbookId: PLAYBOOK, reason, operations }))
      return { name: `patch ${reason}`, outcome }
    }
  }
}

/** What was seen when it was changed, unless it is saved without. */
const basedOn = <T extends EntityType>({ document }: RecordView<T>, { direct }: { direct?: true }) =>
  direct ? {} : { basedOn: document }

/** Opens a form of a record that the device shows, if there is one. */
export async function openForm(device: SimulatedDevice, engine: SyncEngine, pick: number): Promise<void> {
  const seen =
    pick % 3 === 0 ? await oneOf(engine, 'recommendation', pick) : await oneOf(engine, 'observation', pick)
  if (seen) device.form = seen.document
}

/** Saves the open form as one that was made of what it shows, which may be an old version by now (ENG-37). */
function submitForm(device: SimulatedDevice, engine: SyncEngine, value: number): PersonAct | null {
  const { form } = device
  if (!form) return null
  device.form = undefined
  if ('recommendationId' in form) {
    const decided = { ...form, status: value % 2 === 0 ? 'confirmed' : 'rejected' } as const
    return {
      name: form.recommendationId,
      outcome: saved(engine.saveRecommendation(decided, { basedOn: form })),
    }
  }
  const rawNoteText = `form ${value}`
  const save =
    form.status === 'draft'
      ? engine.saveObservation({ ...form, rawNoteText }, { basedOn: form })
      : engine.correct(form.observationId, { rawNoteText }, 'Read again.', { basedOn: form })
  return { name: form.observationId, outcome: saved(save) }
}

async function saved(save: Promise<Saved>): Promise<WrittenDocument | null> {
  const outcome = await unlessForeign(save)
  return outcome?.ok ? outcome.record.local : null
}

/** Nothing is kept in a store that is not the device's own. */
async function unlessForeign<T>(act: Promise<T>): Promise<T | undefined> {
  try {
    return await act
  } catch (error) {
    if (error instanceof ForeignStoreError) return undefined
    throw error
  }
}

async function oneOf<T extends EntityType>(
  engine: SyncEngine,
  type: T,
  pick: number,
): Promise<RecordView<T> | undefined> {
  // By id, so that a script picks the same whatever came to the device first.
  const known = (await engine.records(type, { limit: 1_000 })).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return known[pick % Math.max(1, known.length)]
}

/** Resolves one of the conflicts of a device, if it has any and the way is one for it. */
export async function resolveAct(
  { book }: SimulatedDevice,
  engine: SyncEngine,
  { pick, way, value }: Extract<DeviceStep, { do: 'resolve' }>,
): Promise<void> {
  const open = await engine.conflicts()
  const conflict = open[pick % Math.max(1, open.length)]
  if (!conflict) return
  const { id, losing } = conflict
  const { resolve } = engine
  book.resolving(conflict, way)
  const outcome = await unlessForeign(
    way === 'correct'
      ? resolve.correct(id, { reason: `Mine ${value}.` })
      : way === 'fix'
        ? resolve.fix(id, 'rawNoteText' in losing ? { ...losing, rawNoteText: `fixed ${value}` } : losing)
        : resolve[way](id),
  )
  if (outcome?.ok) book.resolved(conflict, way)
  else book.notResolved((await engine.conflicts()).find((each) => each.id === id))
}
