import { DeviceId } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { personNames } from './person-names.ts'

const person = (deviceId: string, name: string) => ({
  deviceId: DeviceId.parse(deviceId),
  name,
  email: `${deviceId}@farm.example`,
})

it('[APP-84] people are named, and told apart where they have the same name', () => {
  const names = personNames([
    person('dev_web_a', 'Ana Ruiz'),
    person('dev_web_b', 'Ben Ito'),
    person('dev_web_c', 'Ana Ruiz'),
  ])
  expect([...names]).toEqual([
    ['dev_web_a', 'Ana Ruiz (dev_web_a@farm.example)'],
    ['dev_web_b', 'Ben Ito'],
    ['dev_web_c', 'Ana Ruiz (dev_web_c@farm.example)'],
  ])
  expect(names.get('dev_scout')).toBeUndefined()
})
