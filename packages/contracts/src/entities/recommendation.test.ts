import { instant, list, minted, named, oneOf, only, whole } from '../testing/field-values.ts'
import { recommendation } from '../testing/index.ts'
import { testShape } from '../testing/shape-tests.ts'
import { ISSUE, REQUIRED, SEVERITY, SHARE, SHORT, WEATHER_ID } from '../testing/shared-fields.ts'
import { Recommendation } from './recommendation.ts'

testShape({
  name: 'Recommendation',
  schema: Recommendation,
  full: recommendation({ supersedes: 'rec_20260210_0001' }),
  fields: {
    '/recommendationId': minted('rec_'),
    '/observationId': minted('obs_'),
    '/playbookId': named('pbk_'),
    '/playbookVersion': whole(1),
    '/weatherFeaturesId': WEATHER_ID,
    '/generatedAt': instant,
    '/issue': ISSUE,
    '/severity': SEVERITY,
    '/action': REQUIRED,
    '/rationale': list(1, 'low wind'),
    '/rationale/0': SHORT,
    '/timingWindow/startAt': instant,
    '/timingWindow/endAt': instant,
    '/timingWindow/localTimezone': SHORT,
    '/timingWindow/confidence': SHARE,
    '/timingWindow/drivers': list(1, 'spray_drift_risk'),
    '/timingWindow/drivers/0': SHORT,
    '/riskFlags': list(0, 'low_confidence'),
    '/riskFlags/0': oneOf(
      'weather_data_missing',
      'high_drift_risk',
      'low_confidence',
      'manual_review_required',
    ),
    '/requiredConfirmation': only(true),
    '/status': oneOf('pending_confirmation', 'confirmed', 'rejected'),
    '/updatedAt': instant,
    '/supersedes': minted('rec_'),
  },
  optional: ['/updatedAt', '/supersedes'],
})
