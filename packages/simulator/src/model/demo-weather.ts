import { readFileSync } from 'node:fs'

import { WeatherFeatures } from '@fieldsync/contracts'

const FILE = new URL('../../../../prisma/starter/demo-weather.json', import.meta.url)

/** The weather that every new workspace begins with, besides the record of none (RUN-6, REC-13). */
export const DEMO_WEATHER: WeatherFeatures = WeatherFeatures.parse(JSON.parse(readFileSync(FILE, 'utf8')))
