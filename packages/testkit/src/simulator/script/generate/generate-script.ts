import type { Role } from '@fieldsync/domain'

import type { EventStep, ResendStep, Script, SendStep, Step } from '../script.ts'
import { sendStep } from './send-step.ts'
import { Stage } from './stage.ts'
import { anyOf, once, weighted } from './weighted.ts'

const STEPS = { send: 75, resend: 8, wait: 4, role: 2, revoke: 0.5, restart: 1, backup: 2, restore: 1.5 }

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
    const step = { id, ...(await nextStep(stage)) }
    await stage.play(step)
    steps.push(step)
  }
  return { devices: stage.devices, steps }
}

async function nextStep(stage: Stage): Promise<SendStep | ResendStep | EventStep> {
  const { rng, devices, sent } = stage
  const device = anyOf(rng, devices)?.device ?? 'ws_a/dev_scout_1'
  switch (weighted(rng, STEPS)) {
    case 'resend': {
      const before = anyOf(rng, sent)
      if (!before) return await sendStep(stage)
      const key = once(rng, 4)
        ? { key: anyOf(rng, sent)?.syncId ?? 'key' }
        : once(rng, 6)
          ? { key: 'fresh' }
          : {}
      return { do: 'resend', step: before.step, respelled: once(rng, 2), ...key }
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
