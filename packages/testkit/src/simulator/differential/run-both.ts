import type { ScriptClock } from '../script/script-clock.ts'
import { type Called, ScriptRun } from '../script/script-run.ts'
import type { Script, Step } from '../script/script.ts'
import type { ScriptedServer } from '../script/scripted-server.ts'
import { compareAnswers, type Pairings } from './compare-answers.ts'
import { compareStates } from './compare-states.ts'
import { CursorPairing } from './cursor-pairing.ts'
import type { Difference } from './first-difference.ts'
import { Pairing } from './pairing.ts'

/** Two servers that run by one clock. */
export type TwoServers = {
  readonly one: ScriptedServer
  readonly other: ScriptedServer
  readonly clock: ScriptClock
}

/** Where two servers differ: at an answer, or in what they hold at the end. */
export type Disagreement = Difference & { step: Step | 'end' }

/** The same script on two servers: their first disagreement, if there is one. @param suffix see {@link ScriptRun} */
export async function runBoth(
  { one, other, clock }: TwoServers,
  script: Script,
  suffix: string,
): Promise<Disagreement | undefined> {
  const runs = [new ScriptRun(one, suffix), new ScriptRun(other, suffix)] as const
  const pairings: Pairings = { cursors: new CursorPairing(), conflictIds: new Pairing() }
  const answered: [Map<number, string>, Map<number, string>] = [new Map(), new Map()]
  for (const run of runs) await run.begin(script)
  for (const step of script.steps) {
    clock.advance(step.do === 'wait' ? step.milliseconds : 1)
    if (step.do === 'restore') pairings.cursors.forgetOrder()
    const [a, b] = [await runs[0].perform(step), await runs[1].perform(step)]
    if (!a || !b) continue
    const found =
      compareAnswers(workspaceOfCall(a), a.answer, b.answer, pairings) ??
      replayDifference(answered[0], step, a) ??
      replayDifference(answered[1], step, b)
    if (found) return { ...found, step }
  }
  for (const workspaceId of new Set(script.devices.map(({ device }) => runs[0].workspaceId(device)))) {
    const states = [
      { state: await one.state(workspaceId), run: runs[0] },
      { state: await other.state(workspaceId), run: runs[1] },
    ] as const
    const found = compareStates(...states, pairings.conflictIds)
    if (found) return { ...found, at: `${workspaceId}${found.at}`, step: 'end' }
  }
  return undefined
}

// The token of a script's call is `token.<workspace>.<device>`.
const workspaceOfCall = ({ call }: Called): string => call.token?.split('.')[1] ?? ''

/** A replay is the first answer, byte for byte (IDM-2). */
function replayDifference(
  answered: Map<number, string>,
  step: Step,
  { answer }: Called,
): Difference | undefined {
  if (step.do === 'send' && answer.status === 200) answered.set(step.id, answer.body)
  if (step.do !== 'resend' || answer.headers['idempotency-replayed'] !== 'true') return undefined
  const first = answered.get(step.step)
  return first === answer.body ? undefined : { at: '(replay)', one: first, other: answer.body }
}
