import { type Called, ScriptRun } from '../script/script-run.ts'
import type { Script, Step, TogetherStep } from '../script/script.ts'
import type { ScriptClock, ScriptedServer } from '../script/scripted-server.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'
import {
  compareResponses,
  CursorPairing,
  type Difference,
  firstDifference,
  Pairing,
  type Pairings,
} from './compare-answers.ts'

/** Two servers that run by one clock. */
type TwoServers = {
  readonly one: ScriptedServer
  readonly other: ScriptedServer
  readonly clock: ScriptClock
}

/** Where two servers differ: at an answer, or in what they hold at the end. */
export type Disagreement = Difference & { step: Step | 'end' }

/**
 * The same script on two servers: their first disagreement, if there is one. Calls that come together the one carries
 * out in the order that the other chose for them.
 *
 * @param suffix see {@link ScriptRun}
 */
export async function runBoth(
  { one, other, clock }: TwoServers,
  script: Script,
  suffix: string,
): Promise<Disagreement | undefined> {
  const [first, second] = [new ScriptRun(one, suffix), new ScriptRun(other, suffix)]
  const pairings: Pairings = { cursors: new CursorPairing(), conflictIds: new Pairing() }
  const answered: [Map<number, string>, Map<number, string>] = [new Map(), new Map()]
  for (const run of [first, second]) await run.begin(script)
  for (const step of script.steps) {
    clock.advance(step.do === 'wait' ? step.milliseconds : 1)
    if (step.do === 'restore') pairings.cursors.forgetOrder()
    const others = await second.perform(step)
    const order = step.do === 'together' ? await orderOf(step, other, second) : undefined
    const ones = await first.perform(step, order)
    for (const [i, a] of ones.entries()) {
      const b = others[i]
      const found =
        (b && compareResponses(a.workspaceId, a.answer, b.answer, pairings)) ??
        replayDifference(answered[0], a) ??
        (b && replayDifference(answered[1], b))
      if (found) return { ...found, step }
    }
  }
  for (const workspaceId of new Set(script.devices.map(({ device }) => first.workspaceId(device)))) {
    const states = [
      { state: await one.state(workspaceId), run: first },
      { state: await other.state(workspaceId), run: second },
    ] as const
    const found = compareStates(...states, pairings.conflictIds)
    if (found) return { ...found, at: `${workspaceId}${found.at}`, step: 'end' }
  }
  return undefined
}

/** The order in which a server carried calls out, as its audit tells; those without effect come last, in any order. */
async function orderOf({ calls }: TogetherStep, server: ScriptedServer, run: ScriptRun): Promise<number[]> {
  const workspaces = new Set(calls.map(({ device }) => run.workspaceId(device)))
  const states = await Promise.all([...workspaces].map((each) => server.state(each)))
  const carriedOut = states.flatMap(({ audit }) =>
    audit.flatMap(({ req }) => run.stepOfPayload(req.bodySha256 ?? '') ?? []),
  )
  const ids = calls.map(({ id }) => id)
  return [...carriedOut.filter((id) => ids.includes(id)), ...ids.filter((id) => !carriedOut.includes(id))]
}

/** A replay is the first answer, byte for byte (IDM-2). */
function replayDifference(
  answered: Map<number, string>,
  { step, answer: { status, headers, body } }: Called,
): Difference | undefined {
  if (status !== 200) return undefined
  const first = answered.get(step)
  // After a restore the same bytes may be executed again.
  if (headers['idempotency-replayed'] !== 'true') answered.set(step, body)
  else if (first !== body) return { at: '(replay)', one: first, other: body }
  return undefined
}

/** How what two servers hold of one workspace differs, but for the names that each made itself. */
function compareStates(
  one: { state: WorkspaceState; run: ScriptRun },
  other: { state: WorkspaceState; run: ScriptRun },
  conflictIds: Pairing,
): Difference | undefined {
  return firstDifference(
    comparable(one, (id) => id),
    comparable(other, (id) => conflictIds.back(id) ?? `${id}, which was never answered`),
  )
}

function comparable(
  { state, run }: { state: WorkspaceState; run: ScriptRun },
  nameOf: (conflictId: string) => string,
): unknown {
  const payloadOf = (hash: string | null) =>
    hash === null ? null : `step ${run.stepOfPayload(hash) ?? hash}`
  return {
    ...state,
    // The history of each observation is in order; what was corrected first of two in one batch is not kept.
    corrections: Map.groupBy(state.corrections, ({ observationId }) => observationId),
    audit: state.audit.map(({ req, ...body }) => ({
      ...body,
      req: { idem: req.idem, payload: payloadOf(req.bodySha256) },
    })),
    conflicts: new Map(state.conflicts.map(({ conflictId, ...entry }) => [nameOf(conflictId), entry])),
    devices: new Map(state.devices.map((device) => [device.deviceId, device])),
  }
}

/** What a failing test prints: where the servers differ, and the script in the form of a regression file. */
export function describeDisagreement(
  { at, one, other, step }: Disagreement,
  script: Script,
  seed?: number,
): string {
  const where = step === 'end' ? 'in what they hold at the end' : `at step ${step.id}`
  return [
    `The model and the server differ ${where}: ${at}`,
    `model:  ${shown(one)}`,
    `server: ${shown(other)}`,
    ...(seed === undefined ? [] : [`Repeat with SIM_SEED=${seed}.`]),
    `To keep it: save this as packages/simulator/src/regressions/scripts/<name>.json`,
    JSON.stringify({ about: `${at} differed`, run: script }),
  ].join('\n')
}

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length > 2000 ? `${text.slice(0, 2000)} …` : text
}
