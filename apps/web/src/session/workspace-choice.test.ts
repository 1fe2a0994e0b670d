import { DeviceId, type PersonWorkspace, WorkspaceId } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { workspaceChoice } from './workspace-choice.ts'

const workspace = (id: string): PersonWorkspace => ({
  workspaceId: WorkspaceId.parse(id),
  name: id,
  role: 'agronomist',
  deviceId: DeviceId.parse('dev_web_a'),
})
const [RIDGE, VALLEY] = [workspace('ws_ridge'), workspace('ws_valley')]

function storage() {
  const stored = new Map<string, string>()
  return {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  }
}

it('[APP-78] each tab stays in its workspace, and a new one is in the last that was chosen', () => {
  const browser = storage()
  const [one, other, third] = [storage(), storage(), storage()].map((tab) => ({ tab, browser }))
  if (!one || !other || !third) throw new Error('three tabs')
  expect(workspaceChoice.of([RIDGE, VALLEY], one)).toBe(RIDGE)
  workspaceChoice.keep('ws_ridge', one)
  workspaceChoice.keep('ws_valley', other)
  expect(workspaceChoice.of([RIDGE, VALLEY], one)).toBe(RIDGE)
  expect(workspaceChoice.of([RIDGE, VALLEY], other)).toBe(VALLEY)
  expect(workspaceChoice.of([RIDGE, VALLEY], third)).toBe(VALLEY)
  // Access to it has ended.
  expect(workspaceChoice.of([RIDGE], third)).toBe(RIDGE)
  expect(workspaceChoice.of([], third)).toBeUndefined()
})
