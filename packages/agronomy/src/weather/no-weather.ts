import { WeatherFeatures } from '@fieldsync/contracts'

/**
 * What a recommendation without weather names as its weather: everything unknown, so that a rule keeps its standard timing
 * (AGR-9). Every workspace has this record. Its place and time say nothing.
 */
export const NO_WEATHER: WeatherFeatures = WeatherFeatures.parse({
  weatherFeaturesId: 'wxf_19700101_none',
  sourceMode: 'none',
  profileTime: '1970-01-01T00:00:00Z',
  location: { lat: 0, lon: 0 },
  inversionPresent: false,
  humidityLayering: 'unknown',
  windShearProxy: 'unknown',
  sprayWindowScore: 1,
  diseaseRiskScore: 0,
  heatStressScore: 0,
  notes: [],
  layers: [],
})
