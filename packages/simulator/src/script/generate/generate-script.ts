import type { Role } from '@fieldsync/domain'

import type { EventStep, ResendStep, Script, SendStep, Step, TogetherStep } from '../script.ts'
import { pushStep, sendStep } from './send-step.ts'
import { type Sent, Stage } from './stage.ts'
import { anyOf, once, weighted } from './weighted.ts'

const STEPS = {
  send: 70,
  together: 6,
  resend: 8,
  wait: 4,
  role: 2,
  revoke: 1,
  restart: 1,
  backup: 2,
  restore: 1.5,
}

const ROLES: readonly [Role, ...Role[]] = ['scout', 'agronomist', 'admin', 'viewer']
const MINUTE = 60_000

/**
 * A script of so many steps that depends on the seed alone: several devices and one or two workspaces, weighted towards
 * conflicts.
 */
export async function generateScript(seed: number, length: number): Promise<Script> {
  const stage = new Stage(seed)
  await stage.begin()
  const steps: Step[] = []
  for (let id = 1; id <= length; id++) {
    const step = { id, ...(await nextStep(stage, id)) }
    await stage.play(step)
    steps.push(step)
  }
  return { devices: stage.devices, steps }
}

async function nextStep(stage: Stage, id: number): Promise<SendStep | ResendStep | TogetherStep | EventStep> {
  const { rng, devices, sent } = stage
  const device = anyOf(rng, devices)?.device ?? 'ws_a/dev_scout_1'
  switch (weighted(rng, STEPS)) {
    case 'resend': {
      const before = anyOf(rng, sent)
      if (!before) return await sendStep(stage)
      return { do: 'resend', step: before.step, respelled: once(rng, 2), ...otherKey(stage, before) }
    }
    case 'together': {
      const [first, ...others] = rng.int(1, 3) === 1 ? devices : devices.slice(0, 3)
      if (!first) return await sendStep(stage)
      const calls: TogetherStep['calls'] = []
      // Ids of their own, that no step of the script has.
      for (const each of [first, ...others])
        calls.push({ id: id + (calls.length + 1) / 10, ...(await pushStep(stage, each.device)) })
      return { do: 'together', calls }
    }
    case 'wait':
      return { do: 'wait', milliseconds: rng.pick([20, MINUTE, 10 * MINUTE]) }
    case 'role':
      return { do: 'role', device, role: rng.pick(ROLES) }
    case 'revoke':
      return { do: 'revoke', device }
    case 'restart':
      return { do: 'restart' }
    case 'backup':
      return { do: 'backup' }
    case 'restore':
      return stage.hasBackup ? { do: 'restore' } : await sendStep(stage)
    case 'send':
      return await sendStep(stage)
  }
}

/** Mostly the key that the bytes first came under; sometimes one of another batch of the device, or a fresh one (IDM-3). */
function otherKey({ rng, sent }: Stage, { device, step }: Sent): { key?: string } {
  if (!once(rng, 2)) return {}
  const others = sent.filter((each) => each.device === device && each.step !== step && each.accepted)
  return { key: once(rng, 3) ? 'fresh' : (anyOf(rng, others)?.syncId ?? 'fresh') }
}
