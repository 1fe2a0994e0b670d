import type { ConflictResolution } from '@fieldsync/contracts'
import type { Role } from '@fieldsync/domain'
import { seededRandom, type SeededRandom } from '@fieldsync/testkit'

import { ScriptClock } from '../script-clock.ts'
import { SCRIPT_LIMITS } from '../script-limits.ts'
import { type Called, ScriptRun } from '../script-run.ts'
import { type DeviceRef, deviceIdOf, type ScriptDevice, type Step, workspaceOf } from '../script.ts'
import { scriptedModel } from '../scripted-model.ts'
import { cast } from './cast.ts'
import type { Writer } from './writer.ts'

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
