import { expect, it } from 'vitest'

import { concernedText } from './audit-text.ts'

const names = new Map([['dev_web_1', 'Ana Ruiz']])
const nameOf = (deviceId: string) => names.get(deviceId) ?? deviceId

it.each([
  [{ holder: 'dev_web_1', target: { type: 'grant', id: 'grt_1' } }, 'Ana Ruiz'],
  [{ holder: 'dev_phone', target: { type: 'grant', id: 'grt_1' } }, 'dev_phone'],
  [{ target: { type: 'grant', id: 'grt_1' } }, undefined],
  [{ target: { type: 'person', id: 'usr_1' } }, 'Ana Ruiz'],
  [{ target: { type: 'person', id: 'usr_2' } }, undefined],
  [{ target: { type: 'device', id: 'dev_web_1' } }, undefined],
  [{ target: null }, undefined],
])('[APP-91] an entry about a permission or a person names whom it concerns: %j', (entry, text) => {
  expect(concernedText(entry, nameOf)).toBe(text)
})
