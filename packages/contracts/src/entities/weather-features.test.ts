import { type FieldValues, flag, instant, list, number, oneOf } from '../testing/field-values.ts'
import { weatherFeatures } from '../testing/index.ts'
import { testShape } from '../testing/shape-tests.ts'
import { LOCATION, SHARE, SHORT, WEATHER_ID } from '../testing/shared-fields.ts'
import { WeatherFeatures } from './weather-features.ts'

testShape({
  name: 'WeatherFeatures',
  schema: WeatherFeatures,
  full: weatherFeatures(),
  fields: {
    '/weatherFeaturesId': WEATHER_ID,
    '/sourceMode': oneOf('demo', 'live', 'none'),
    '/profileTime': instant,
    ...LOCATION,
    '/inversionPresent': flag,
    '/humidityLayering': oneOf('dry_aloft_humid_surface', 'uniform_humid', 'uniform_dry', 'unknown'),
    '/windShearProxy': oneOf('low', 'moderate', 'high', 'unknown'),
    '/sprayWindowScore': SHARE,
    '/diseaseRiskScore': SHARE,
    '/heatStressScore': SHARE,
    '/notes': list(0, 'x'),
    '/notes/0': SHORT,
    '/layers': list(0, weatherFeatures().layers[0]),
    ...layer(0),
    ...layer(1),
  },
  optional: [],
})

function layer(index: number): Record<string, FieldValues> {
  const at = `/layers/${index}`
  return {
    [`${at}/altitudeM`]: number(-500, 20_000),
    [`${at}/temperatureC`]: number(-80, 80),
    [`${at}/relativeHumidityPct`]: number(0, 100),
    [`${at}/windSpeedKph`]: number(0, 300),
    [`${at}/windDirectionDeg`]: number(0, 360),
  }
}
