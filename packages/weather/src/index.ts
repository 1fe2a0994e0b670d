export { type CallOutcome, createWeather } from './create-weather.ts'
export { OPEN_METEO_URL, openMeteo } from './open-meteo.ts'
export type { Call, Provider } from './provider.ts'
export { synoptic, SYNOPTIC_URL } from './synoptic.ts'
