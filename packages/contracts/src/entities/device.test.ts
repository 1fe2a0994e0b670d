import { flag, instant, named, oneOf, orNull } from '../testing/field-values.ts'
import { device } from '../testing/index.ts'
import { testShape } from '../testing/shape-tests.ts'
import { SHORT } from '../testing/shared-fields.ts'
import { Device } from './device.ts'

testShape({
  name: 'Device',
  schema: Device,
  full: device({ lastSyncAt: '2026-02-11T15:00:00Z' }),
  fields: {
    '/deviceId': named('dev_'),
    '/platform': oneOf('ios', 'android', 'web'),
    '/appVersion': SHORT,
    '/modelPackageVersion': SHORT,
    '/offlineModeEnabled': flag,
    '/lastSyncAt': orNull(instant),
    '/updatedAt': instant,
  },
  optional: ['/lastSyncAt'],
})
