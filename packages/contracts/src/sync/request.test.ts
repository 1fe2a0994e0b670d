import { flag, instant, list, named, oneOf, text, whole } from '../testing/field-values.ts'
import { device, syncBatch } from '../testing/index.ts'
import { testShape } from '../testing/shape-tests.ts'
import { ID, SHORT } from '../testing/shared-fields.ts'
import { SyncBatchRequest } from './request.ts'

const REPORT = {
  pending: 3,
  conflicts: 1,
  quarantined: 0,
  oldestPendingAt: '2026-02-10T18:00:00Z',
  resolved: [{ conflictId: 'cfl_1', resolution: 'discard' as const }],
}
const { lastSyncAt: _never, ...phone } = device()

testShape({
  name: 'SyncBatchRequest',
  schema: SyncBatchRequest,
  full: syncBatch({ maxDownstream: 500, report: REPORT, device: phone }),
  fields: {
    '/syncId': ID,
    '/requestedAt': instant,
    '/device/deviceId': named('dev_'),
    '/device/platform': oneOf('ios', 'android', 'web'),
    '/device/appVersion': SHORT,
    '/device/modelPackageVersion': SHORT,
    '/device/offlineModeEnabled': flag,
    '/device/updatedAt': instant,
    '/lastKnownServerCursor': text(0, 1024),
    '/maxDownstream': whole(1, 1000),
    '/report/pending': whole(0),
    '/report/conflicts': whole(0),
    '/report/quarantined': whole(0),
    '/report/oldestPendingAt': instant,
    '/report/resolved': list(0, REPORT.resolved[0]),
    '/report/resolved/0/conflictId': ID,
    '/report/resolved/0/resolution': oneOf(
      'accept_server',
      'correct',
      'rename',
      'resubmit',
      'rebase',
      'fix',
      'discard',
    ),
  },
  optional: ['/maxDownstream', '/report', '/report/oldestPendingAt', '/report/resolved'],
})
