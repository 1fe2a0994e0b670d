import type { ConflictResolution } from '@fieldsync/contracts'
import type { Role } from '@fieldsync/domain'
import { seededRandom, type SeededRandom } from '@fieldsync/testkit'

import type { WorkspaceState } from '../../state/workspace-state.ts'
import { type Called, ScriptRun } from '../script-run.ts'
import { deviceIdOf, type DeviceRef, type ScriptDevice, type Step, workspaceOf } from '../script.ts'
import { SCRIPT_LIMITS, ScriptClock, scriptedModel } from '../scripted-server.ts'
import { once } from './weighted.ts'

export type Sent = {
  step: number
  device: DeviceRef
  syncId: string
  accepted: boolean
  /** Resolutions of the conflicts in its answer. */
  conflicts: ConflictResolution[]
}

/** A script in the making: a model server plays it along, so that what comes next can be chosen on what there is. */
export class Stage {
  readonly rng: SeededRandom
  readonly devices: ScriptDevice[]
  readonly clock = new ScriptClock()
  readonly sent: Sent[] = []
  hasBackup = false
  readonly #server = scriptedModel({ clock: this.clock, limits: SCRIPT_LIMITS })
  readonly #run = new ScriptRun(this.#server)

  constructor(seed: number) {
    this.rng = seededRandom(seed)
    this.devices = cast(this.rng)
  }

  async begin(): Promise<void> {
    await this.#run.begin(this)
  }

  /** What a device would write on. */
  async writer(device: DeviceRef): Promise<Writer> {
    const state = await this.#server.state(this.#run.workspaceId(device))
    const others = this.devices
      .filter((each) => workspaceOf(each.device) === workspaceOf(device) && each.device !== device)
      .map((each) => deviceIdOf(each.device))
    const role: Role = this.devices.find((each) => each.device === device)?.role ?? 'scout'
    return { rng: this.rng, deviceId: deviceIdOf(device), role, others, state, now: this.clock.now() }
  }

  async play(step: Step): Promise<void> {
    this.clock.advance(step.do === 'wait' ? step.milliseconds : 1)
    const called = await this.#run.perform(step)
    if (step.do === 'backup') this.hasBackup = true
    const calls = step.do === 'together' ? step.calls : step.do === 'send' ? [step] : []
    for (const [i, { device }] of calls.entries()) {
      const each = called[i]
      if (each) this.sent.push(sentBy(device, each))
    }
  }
}

type Answered = { conflicts: { resolution: ConflictResolution }[] }

function sentBy(device: DeviceRef, { step, call, answer }: Called): Sent {
  const accepted = answer.status === 200
  const conflicts = accepted ? (JSON.parse(answer.body) as Answered).conflicts : []
  const syncId = /"syncId":"([^"]*)"/.exec(call.body)?.[1] ?? ''
  return { step, device, syncId, accepted, conflicts: conflicts.map(({ resolution }) => resolution) }
}

/** Who takes part: two scouts and an agronomist at least; sometimes more roles, and a second workspace with the same device ids. */
function cast(rng: SeededRandom): ScriptDevice[] {
  const devices: ScriptDevice[] = [
    { device: 'ws_a/dev_scout_1', role: 'scout' },
    { device: 'ws_a/dev_scout_2', role: 'scout' },
    { device: 'ws_a/dev_agronomist', role: 'agronomist' },
  ]
  if (once(rng, 2)) devices.push({ device: 'ws_a/dev_admin', role: 'admin' })
  if (once(rng, 4)) devices.push({ device: 'ws_a/dev_viewer', role: 'viewer' })
  if (once(rng, 6)) devices.push({ device: 'ws_a/dev_service', role: 'service' })
  if (once(rng, 3)) {
    devices.push(
      { device: 'ws_b/dev_scout_1', role: 'scout' },
      { device: 'ws_b/dev_agronomist', role: 'agronomist' },
    )
  }
  return devices
}

/** Who writes in a step, and what it writes on. */
export type Writer = {
  readonly rng: SeededRandom
  readonly deviceId: string
  readonly role: Role
  /** The other devices of the workspace. */
  readonly others: readonly string[]
  /** What the server holds before the step. */
  readonly state: WorkspaceState
  /** The server's clock, milliseconds since 1970. */
  readonly now: number
}
