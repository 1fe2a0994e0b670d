import { expect, it } from 'vitest'

import { driver, monitorOnly, readDriver } from './drivers.ts'

it.each([
  [driver('maxWindKph', 12), { name: 'maxWindKph', value: '12', checked: true }],
  [driver('minHoursWithoutRain', 4, false), { name: 'minHoursWithoutRain', value: '4', checked: false }],
  [driver('inversionPresent', false), { name: 'inversionPresent', value: 'false', checked: true }],
  [monitorOnly('avoidInversion'), { name: 'monitorOnly', value: 'avoidInversion', checked: true }],
  ['spray_drift_risk', { name: 'spray_drift_risk', value: '', checked: true }],
  ['a=b=c', { name: 'a', value: 'b=c', checked: true }],
  ['', { name: '', value: '', checked: true }],
  ['=:not_checked', { name: '', value: '', checked: false }],
])('[AGR-15] reads the driver %s', (text, parts) => {
  expect(readDriver(text)).toEqual(parts)
})
