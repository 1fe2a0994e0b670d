import type { Observation, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import type { SeededRandom } from '@fieldsync/testkit'

import type { Resolutions } from '../conflict/resolutions.ts'
import type { EntityType } from '../core/local-record.ts'
import { contentKey } from './content-key.ts'
import type { FieldDevice } from './field-device.ts'
import { type RuleServer } from './rule-server.ts'
import type { LinkStep } from './scripted-link.ts'

type Written = Observation | Recommendation | PlaybookPatch

/** A device and what its user last wrote of each record, which must not be lost. */
export type Phone = {
  device: FieldDevice
  written: Map<string, Written>
  /** A form that was opened, over a record as it was then. */
  form?: Observation | Recommendation
}

type Scene = {
  server: RuleServer
  backup: ReturnType<RuleServer['backup']> | null
  phone: Phone
  random: SeededRandom
}

type Act = (scene: Scene) => Promise<string | null>

const HOUR = 60 * 60_000

/** What people, networks, servers and processes do, and how often; each says what it was, or null for nothing. */
const ACTS: readonly (readonly [weight: number, act: Act])[] = [
  [3, note],
  [2, noteUnderOldId],
  [3, edit],
  [2, confirm],
  [2, correct],
  [4, openOrSaveForm],
  [2, advise],
  [2, decide],
  [2, patch],
  [5, sync],
  [3, resolveOne],
  [2, crash],
  [1, notePoison],
  [1, meetBoundKey],
  [1, backUpOrRestore],
  [1, limitBatches],
  [1, moveClock],
  [1, deleteOne],
]

/** One thing that happens, chosen by weight. */
export function act(scene: Scene): Promise<string | null> {
  let ticket = scene.random.int(
    1,
    ACTS.reduce((sum, [weight]) => sum + weight, 0),
  )
  for (const [weight, chosen] of ACTS) {
    ticket -= weight
    if (ticket <= 0) return chosen(scene)
  }
  return Promise.resolve(null)
}

type Outcome = { ok: true; record: { id: string; local: Written | null } } | { ok: false; issues: unknown }

function keep({ written }: Phone, what: string, outcome: Outcome): string {
  if (!outcome.ok) return `${what}, refused: ${JSON.stringify(outcome.issues)}`
  if (outcome.record.local) written.set(outcome.record.id, outcome.record.local)
  return what
}

async function anyOf<T extends EntityType>({ phone, random }: Scene, type: T) {
  const known = (await phone.device.engine.records(type, { limit: 1_000 })).toSorted((a, b) =>
    a.id < b.id ? -1 : 1,
  )
  return known[random.int(0, Math.max(0, known.length - 1))]
}

async function note({ phone }: Scene) {
  return keep(phone, 'notes', await phone.device.engine.saveObservation(phone.device.note()))
}

// As old apps do: two devices reach the same id.
async function noteUnderOldId({ phone, random }: Scene) {
  const observationId = `obs_20260211_000${random.int(1, 3)}`
  const { device } = phone
  return keep(
    phone,
    `notes ${observationId}`,
    await device.engine.saveObservation(device.note({ observationId })),
  )
}

async function notePoison({ phone, random }: Scene) {
  const { device } = phone
  const rawNoteText = `poison ${random.int(1, 1e9)}`
  return keep(phone, 'notes poison', await device.engine.saveObservation(device.note({ rawNoteText })))
}

async function edit(scene: Scene) {
  const seen = await anyOf(scene, 'observation')
  if (seen?.document.status !== 'draft') return null
  const edited = { ...seen.document, rawNoteText: `edit ${scene.random.int(1, 1e9)}` }
  return keep(scene.phone, `edits ${seen.id}`, await scene.phone.device.engine.saveObservation(edited))
}

async function confirm(scene: Scene) {
  const seen = await anyOf(scene, 'observation')
  if (!seen) return null
  const status = seen.document.status === 'draft' ? 'confirmed' : 'logged'
  const outcome = await scene.phone.device.engine.saveObservation({ ...seen.document, status })
  return keep(scene.phone, `confirms ${seen.id}`, outcome)
}

async function correct(scene: Scene) {
  const seen = await anyOf(scene, 'observation')
  if (!seen || seen.document.status === 'draft') return null
  const changes = { rawNoteText: `corrected ${scene.random.int(1, 1e9)}` }
  const outcome = await scene.phone.device.engine.correct(seen.id, changes, 'seen again')
  return keep(scene.phone, `corrects ${seen.id}`, outcome)
}

// What came meanwhile is neither undone nor in the way of the form.
async function openOrSaveForm(scene: Scene) {
  const { phone, random } = scene
  const { form } = phone
  const { engine } = phone.device
  if (!form) {
    const seen = await anyOf(scene, random.pick(['observation', 'recommendation']))
    if (seen) phone.form = seen.document
    return null
  }
  delete phone.form
  if ('recommendationId' in form) {
    const edited = { ...form, action: `act ${random.int(1, 9)}` }
    const saved = await engine.saveRecommendation(edited, { basedOn: form })
    return keep(phone, `saves an old form of ${form.recommendationId}`, saved)
  }
  const rawNoteText = `of a form ${random.int(1, 1e9)}`
  const isDraft = (await engine.record('observation', form.observationId))?.document.status === 'draft'
  const outcome = isDraft
    ? await engine.saveObservation({ ...form, rawNoteText }, { basedOn: form })
    : await engine.correct(form.observationId, { rawNoteText }, 'of a form', { basedOn: form })
  return keep(phone, `saves an old form of ${form.observationId}`, outcome)
}

async function advise(scene: Scene) {
  const seen = await anyOf(scene, 'observation')
  if (!seen) return null
  const { device } = scene.phone
  const outcome = await device.engine.saveRecommendation(device.advice({ observationId: seen.id }))
  return keep(scene.phone, `advises on ${seen.id}`, outcome)
}

async function decide(scene: Scene) {
  const seen = await anyOf(scene, 'recommendation')
  if (!seen) return null
  const status = scene.random.pick<Recommendation['status']>([
    'pending_confirmation',
    'confirmed',
    'rejected',
  ])
  const decided = { ...seen.document, status, action: `act ${scene.random.int(1, 9)}` }
  return keep(scene.phone, `decides ${seen.id}`, await scene.phone.device.engine.saveRecommendation(decided))
}

async function patch({ phone, random }: Scene) {
  const rule = random.pick(['rule_pm_moderate', 'rule_heat_moderate'])
  const path = `/rules/${rule}/constraints/maxWindKph`
  const operations = [{ op: 'replace' as const, path, value: random.int(5, 20) }]
  const reason = `wind ${random.int(1, 1e9)}`
  const outcome = await phone.device.engine.patchPlaybook({
    playbookId: 'pbk_yolo_grape',
    reason,
    operations,
  })
  return keep(phone, `patches ${rule}`, outcome)
}

const cut: LinkStep = (answer) => ({ ...answer, body: answer.body.slice(0, answer.body.length / 2) })
const busy = (status: number): LinkStep => ({ status, body: '', retryAfterMs: 1_000 })

async function sync({ phone, random }: Scene) {
  const fault = () => random.pick<LinkStep>(['pass', 'pass', 'unsent', 'lost', cut, busy(429), busy(503)])
  const faults = [fault(), fault(), fault(), fault()]
  phone.device.link.next(...faults)
  await phone.device.sync()
  phone.device.link.clear()
  const described = faults.map((each) =>
    typeof each === 'string' ? each : typeof each === 'object' ? each.status : 'cut',
  )
  return `syncs: ${described.join(', ')}`
}

// The server takes the batch, and yet says that its key is bound.
async function meetBoundKey({ phone, server }: Scene) {
  phone.device.link.next(() => server.refuse('IDEMPOTENCY_CONFLICT'))
  await phone.device.sync()
  phone.device.link.clear()
  return 'meets its key bound to something else'
}

async function crash({ phone: { device }, random }: Scene) {
  const when = random.pick<'before' | 'after'>(['before', 'after'])
  const commits = random.int(0, 3)
  device.crashAt(commits, when)
  await device.sync()
  await device.restart()
  return `crashes ${when} the commit after ${commits}`
}

async function moveClock({ phone, random }: Scene) {
  const hours = random.int(-48, 48)
  phone.device.skew += hours * HOUR
  return `has its clock moved by ${hours} h`
}

async function limitBatches({ server, random }: Scene) {
  server.maxRecords = random.int(1, 6)
  return `finds that the server takes ${server.maxRecords} records`
}

async function backUpOrRestore(scene: Scene) {
  if (scene.backup && scene.random.int(0, 1) === 0) {
    scene.server.restore(scene.backup)
    return 'finds the server restored'
  }
  scene.backup = scene.server.backup()
  return null
}

async function deleteOne(scene: Scene) {
  const seen = await anyOf(scene, 'observation')
  if (!seen || scene.random.int(0, 2) > 0) return null
  scene.server.delete('observation', seen.id)
  return `has ${seen.id} deleted`
}

async function resolveOne({ phone, random }: Scene) {
  const { resolve, conflicts } = phone.device.engine
  const open = await conflicts()
  const conflict = open[random.int(0, Math.max(0, open.length - 1))]
  if (!conflict) return null
  const way = random.pick<Exclude<keyof Resolutions, 'by' | 'fix' | 'resubmitAll'>>([
    'acceptServer',
    'correct',
    'rename',
    'rebase',
    'resubmit',
    'discard',
  ])
  const outcome =
    way === 'correct'
      ? await resolve.correct(conflict.id, { reason: 'mine' })
      : await resolve[way](conflict.id)
  const text = contentKey(conflict.losing)
  const latest = phone.written.get(conflict.entityId)
  // It was given up, or goes on in another form. A later write of the record is kept as it is, unless that form links it.
  const changesLater = way === 'rename' || way === 'correct' || way === 'resubmit'
  if (outcome.ok && latest && (changesLater || contentKey(latest) === text))
    phone.written.delete(conflict.entityId)
  // It shows a newer version now, and what was not edited of the losing value is that one's.
  const renewed = (await conflicts()).find(({ id }) => id === conflict.id)
  if (!outcome.ok && renewed && latest && contentKey(latest) === text)
    phone.written.set(conflict.entityId, renewed.losing)
  return `resolves ${conflict.id} by ${way}: ${outcome.ok ? 'done' : JSON.stringify(outcome.issues)}`
}
