import { AGRONOMISTS, type Member, SCOUTS } from './crew.ts'
import type { SeasonDay } from './season-event.ts'
import { patched } from './season-playbook.ts'
import {
  advice,
  correction,
  mintedId,
  moved,
  note,
  patch,
  type PatchInput,
  type RecommendationInput,
  rewritten,
} from './season-records.ts'

/** A disagreement of two devices that ends in one conflict, with the code it is named after. */
type Dispute = (day: SeasonDay) => void

const [ANNA, BEN, CLEO, DARIO, ELENA, FARID, GWEN] = SCOUTS
const [INES, JONAS] = AGRONOMISTS
const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'

/** A confirmed note of a scout, sent in the morning. */
function confirmed(today: SeasonDay, scout: Member) {
  const { rng, at } = today
  const record = moved(note(rng, scout, at(8.2), today), 'confirmed', at(8.3))
  today.send(scout, at(8.4), { observations: [record] })
  return record
}

/** A draft that an agronomist completes while its author, out of reach, edits an older one. */
const staleDraft: Dispute = (today) => {
  const { rng, at } = today
  const draft = note(rng, ANNA, at(8), today)
  today.send(ANNA, at(8.5), { observations: [draft] })
  today.send(INES, at(10), {
    observations: [rewritten(draft, `${draft.rawNoteText} Sample taken.`, at(9.9))],
  })
  today.send(ANNA, at(13), {
    observations: [rewritten(draft, `${draft.rawNoteText} Two rows further as well.`, at(9))],
  })
}

/** An edit of an already confirmed note. */
const immutable: Dispute = (today) => {
  const record = confirmed(today, BEN)
  const { at } = today
  today.send(BEN, at(13.2), { observations: [rewritten(record, `${record.rawNoteText} Or rust?`, at(13))] })
}

/** Two corrections of one observation, neither knowing of the other. */
const staleCorrection: Dispute = (today) => {
  const { rng, at } = today
  const record = confirmed(today, CLEO)
  const one = correction(rng, record, `${record.rawNoteText} Only dust.`, 'Wiped it off.', at(10))
  const other = correction(rng, record, `${record.rawNoteText} On the fruit too.`, 'Looked closer.', at(10.2))
  today.send(JONAS, at(10.5), { observations: [one] })
  today.send(CLEO, at(13.4), { observations: [other] })
}

/** Two old apps that count the same number for the day. */
const sameId: Dispute = (today) => {
  const { rng, at } = today
  const day = at(9).toISOString().slice(0, 10).replaceAll('-', '')
  const id = `obs_${day}_0007`
  today.send(DARIO, at(9.5), { observations: [note(rng, DARIO, at(9), today, id)] })
  today.send(FARID, at(13.6), { observations: [note(rng, FARID, at(9.2), today, id)] })
}

/** A scout who rewrites a colleague's note. */
const notYours: Dispute = (today) => {
  const record = confirmed(today, ELENA)
  const { at } = today
  today.send(GWEN, at(13.1), { observations: [rewritten(record, `${record.rawNoteText} Agreed.`, at(13))] })
}

/** A note of something that the playbook has a rule for. */
function noteOfRule(today: SeasonDay, scout: Member, at: Date) {
  let made = note(today.rng, scout, at, today)
  while (made.extraction.issue === 'other') made = note(today.rng, scout, at, today)
  return made
}

/** A recommendation whose observation never left another phone. */
const orphan: Dispute = (today) => {
  const { at } = today
  const unsent = noteOfRule(today, GWEN, at(8))
  today.send(GWEN, at(13.3), { recommendations: [advice(unsent, today.playbook, at(8.5))] })
}

/** A recommendation on a confirmed note, sent with it. */
function advised(today: SeasonDay, scout: Member) {
  const { at } = today
  const record = moved(noteOfRule(today, scout, at(8.2)), 'confirmed', at(8.3))
  const made = advice(record, today.playbook, at(8.3))
  today.send(scout, at(8.4), { observations: [record], recommendations: [made] })
  return made
}

const decided = (
  made: RecommendationInput,
  status: 'confirmed' | 'rejected',
  at: Date,
): RecommendationInput => ({
  ...made,
  status,
  updatedAt: at.toISOString(),
})

/** One id for recommendations on two notes. */
const adviceIdTaken: Dispute = (today) => {
  const { at } = today
  const made = advised(today, ANNA)
  const record = moved(noteOfRule(today, ANNA, at(9)), 'confirmed', at(9.1))
  const again = { ...advice(record, today.playbook, at(9.1)), recommendationId: made.recommendationId }
  today.send(ANNA, at(13.7), { observations: [record], recommendations: [again] })
}

/** A recommendation that was recomputed before a newer version of it arrived. */
const staleAdvice: Dispute = (today) => {
  const { at } = today
  const made = advised(today, BEN)
  today.send(INES, at(10.1), {
    recommendations: [
      { ...made, action: `${made.action} Skip the outer rows.`, updatedAt: at(10).toISOString() },
    ],
  })
  today.send(BEN, at(13.5), {
    recommendations: [{ ...made, action: `${made.action} Twice.`, updatedAt: at(9).toISOString() }],
  })
}

/** Two people who decide differently. */
const decidedTwice: Dispute = (today) => {
  const { at } = today
  const made = advised(today, CLEO)
  today.send(JONAS, at(10.2), { recommendations: [decided(made, 'confirmed', at(10.1))] })
  today.send(CLEO, at(13.8), { recommendations: [decided(made, 'rejected', at(11))] })
}

const windTo = (today: SeasonDay, member: Member, value: number, hours: number, reason: string): PatchInput =>
  patch(today.rng, member, today.playbook.version, today.at(hours), { path: WIND, value, reason })

/** An id of a patch, used for another one. */
const patchIdReused: Dispute = (today) => {
  const { at } = today
  const made = windTo(today, INES, 11, 14, 'The mast at the gate shows more than the ridge.')
  today.send(INES, at(14.1), { patches: [made] })
  today.playbook = patched(today.playbook, made)
  today.send(INES, at(14.2), { patches: [{ ...made, reason: 'The mast at the gate is right after all.' }] })
}

/** A playbook that this vineyard does not have. */
const unknownPlaybook: Dispute = (today) => {
  const made = windTo(today, JONAS, 9, 14.2, 'As on the other farm.')
  today.send(JONAS, today.at(14.3), { patches: [{ ...made, playbookId: 'pbk_napa_grape' }] })
}

/** A patch of a superseded version; it is sent again on the new one. */
const olderVersion: Dispute = (today) => {
  const { rng, at } = today
  const mine = windTo(today, JONAS, 12, 14.4, 'Agreed with the sprayer crew.')
  const first = windTo(today, INES, 13, 14.4, 'Holds up to 13 with the new nozzles.')
  today.send(INES, at(14.45), { patches: [first] })
  today.playbook = patched(today.playbook, first)
  today.send(JONAS, at(14.5), { patches: [mine] })
  const again = at(14.55)
  const rebased = { ...mine, patchId: mintedId('pch', again, rng), baseVersion: today.playbook.version }
  today.send(JONAS, again, { patches: [rebased] })
  today.playbook = patched(today.playbook, rebased)
}

/** A value that the rule does not make editable. */
const closedPath: Dispute = (today) => {
  const at = today.at(14.7)
  const change = { path: '/rules/rule_pm_moderate/severity', value: 'high', reason: 'We spray at high only.' }
  today.send(INES, at, { patches: [patch(today.rng, INES, today.playbook.version, at, change)] })
}

/** An invalid value. */
const invalidValue: Dispute = (today) => {
  const at = today.at(14.9)
  const change = { path: WIND, value: 'calm', reason: 'Only in calm air.' }
  today.send(JONAS, at, { patches: [patch(today.rng, JONAS, today.playbook.version, at, change)] })
}

/** One for every conflict code. Those with patches keep their order in time: a patch names the previous version. */
export const DISPUTES: readonly Dispute[] = [
  staleDraft,
  immutable,
  staleCorrection,
  sameId,
  notYours,
  orphan,
  adviceIdTaken,
  staleAdvice,
  decidedTwice,
  patchIdReused,
  unknownPlaybook,
  olderVersion,
  closedPath,
  invalidValue,
]
