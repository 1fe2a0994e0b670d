import type { PlaybookPatch } from '@fieldsync/contracts'
import { playbookPatch, type PlaybookPatchInput, type SeededRandom } from '@fieldsync/testkit'

import type { Writer } from './stage.ts'
import { anyOf, weighted } from './weighted.ts'

const PATCHES = {
  good: 6,
  chain: 3,
  'on an older version': 5,
  'on a version ahead': 1,
  'accepted before': 2,
  'another under an accepted id': 2,
  'refused before': 2,
  "another device's": 1,
  'of an unknown playbook': 1,
  'not allowed': 3,
  invalid: 2,
  'not applicable': 2,
}

type Operation = PlaybookPatchInput['operations'][number]

const PLAYBOOK = 'pbk_yolo_grape'
const MILDEW = '/rules/rule_pm_moderate'
const HEAT = '/rules/rule_heat_moderate'

const allowed = (rng: SeededRandom): Operation =>
  rng.pick<Operation>([
    { op: 'replace', path: `${MILDEW}/constraints/maxWindKph`, value: rng.int(6, 18) },
    { op: 'replace', path: `${MILDEW}/action/instructions`, value: rng.pick(['Spray.', 'Spray early.']) },
    { op: 'replace', path: `${MILDEW}/timing/baseWindowHours/startOffsetHours`, value: rng.int(0, 4) },
    {
      op: 'replace',
      path: `${MILDEW}/timing/baseWindowHours`,
      value: { startOffsetHours: rng.int(0, 4), endOffsetHours: 8 },
    },
    { op: 'replace', path: `${HEAT}/constraints/maxTemperatureC`, value: rng.int(30, 40) },
    { op: 'remove', path: `${HEAT}/constraints/maxTemperatureC` },
    { op: 'add', path: `${HEAT}/constraints/maxTemperatureC`, value: rng.int(30, 40) },
  ])

const NOT_ALLOWED: readonly [Operation, ...Operation[]] = [
  { op: 'replace', path: `${MILDEW}/severity`, value: 'high' },
  { op: 'replace', path: '', value: {} },
  { op: 'replace', path: `${MILDEW}/constraints/maxWindKphs`, value: 3 },
  { op: 'replace', path: `${MILDEW}/editablePaths/0`, value: MILDEW },
  { op: 'replace', path: `${HEAT}/timing/baseWindowHours/startOffsetHours`, value: 1 },
  { op: 'add', path: '/rules/rule_new/constraints/maxWindKph', value: 3 },
]

const INVALID: readonly [Operation, ...Operation[]] = [
  { op: 'replace', path: `${MILDEW}/constraints/maxWindKph`, value: 400 },
  { op: 'replace', path: `${MILDEW}/timing/baseWindowHours`, value: { startOffsetHours: 1 } },
  { op: 'replace', path: `${MILDEW}/action/instructions`, value: '' },
  { op: 'remove', path: `${MILDEW}/constraints/maxWindKph` },
]

const NOT_APPLICABLE: readonly [Operation, ...Operation[]] = [
  { op: 'replace', path: `${MILDEW}/constraints/maxWindKph/deeper`, value: 1 },
  { op: 'remove', path: `${MILDEW}/timing/baseWindowHours/middleOffsetHours` },
]

/** Patches as a device might send them next, one or a chain: on the active version or not, allowed or not. */
export function patchWrites(writer: Writer): PlaybookPatchInput[] {
  const { rng, deviceId, state } = writer
  const active = state.playbooks.get(PLAYBOOK)?.version ?? 3
  const made = (overrides: Partial<PlaybookPatchInput> = {}) =>
    playbookPatch(
      { requestedByDeviceId: deviceId, baseVersion: active, operations: someAllowed(rng), ...overrides },
      rng,
    )
  const one = (operation: Operation) => made({ operations: [allowed(rng), operation] })
  const kind = weighted(rng, PATCHES)
  switch (kind) {
    case 'good':
      return [made()]
    case 'chain':
      return Array.from({ length: rng.int(2, 3) }, (_, step) => made({ baseVersion: active + step }))
    case 'on an older version':
      return [made({ baseVersion: rng.int(1, Math.max(1, active - 1)) })]
    case 'on a version ahead':
      return [made({ baseVersion: active + rng.int(1, 3) })]
    case 'accepted before':
    case 'another under an accepted id':
    case 'refused before':
      return [again(writer, kind) ?? made()]
    case "another device's":
      return [made({ requestedByDeviceId: anyOf(rng, writer.others) ?? deviceId })]
    case 'of an unknown playbook':
      return [made({ playbookId: 'pbk_nowhere' })]
    case 'not allowed':
      return [one(rng.pick(NOT_ALLOWED))]
    case 'invalid':
      return [one(rng.pick(INVALID))]
    case 'not applicable':
      return [one(rng.pick(NOT_APPLICABLE))]
  }
}

const someAllowed = (rng: SeededRandom): Operation[] =>
  Array.from({ length: rng.int(1, 2) }, () => allowed(rng))

function again(
  { rng, state }: Writer,
  kind: 'accepted before' | 'another under an accepted id' | 'refused before',
): PlaybookPatch | undefined {
  const outcome = kind === 'refused before' ? 'rejected' : 'applied'
  const before = anyOf(
    rng,
    state.patches.filter((each) => each.outcome === outcome),
  )
  return before && kind === 'another under an accepted id'
    ? { ...before.patch, reason: `${before.patch.reason} And more.` }
    : before?.patch
}
