import { isFieldsyncError } from '@fieldsync/client'
import type { Observation, WeatherFeatures, WeatherFeaturesId } from '@fieldsync/contracts'
import { conditionText } from '@fieldsync/messages'
import { useQuery } from '@tanstack/react-query'

import { Facts } from '../../components/facts.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { type T, useMessages, useMoment } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'

type Props = {
  readonly weatherFeaturesId: WeatherFeaturesId
  /** The note, for how old the weather was then; undefined while it is not known. */
  readonly observation: Observation | undefined
}

/** The weather that a recommendation was computed from: where it came from, how old it was, its values (APP-108). */
export function WeatherUsed({ weatherFeaturesId, observation }: Props) {
  const { t } = useMessages()
  const api = useApi()
  const query = useQuery({
    queryKey: ['weather', weatherFeaturesId],
    queryFn: async ({ signal }) => {
      try {
        return await api.weather.get.query({ weatherFeaturesId }, { signal })
      } catch (error) {
        if (isFieldsyncError(error, 'NOT_FOUND')) return null
        throw error
      }
    },
  })
  return (
    <section className="card">
      <h2>{t('recommendation.weather')}</h2>
      <QueryResult query={query} lines={3}>
        {(weather) =>
          weather === null ? (
            <p className="soft">{t('recommendation.weather.gone')}</p>
          ) : weather.sourceMode === 'none' ? (
            <p>{t('recommendation.weather.none')}</p>
          ) : (
            <Values weather={weather} observation={observation} />
          )
        }
      </QueryResult>
    </section>
  )
}

function Values({ weather, observation }: { weather: WeatherFeatures } & Pick<Props, 'observation'>) {
  const { t, formats } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  const { heatStressScore, humidityLayering, inversionPresent, layers, sourceMode, windShearProxy } = weather
  return (
    <>
      <Facts
        of={[
          [t('recommendation.weather.source'), t(`recommendation.weather.${sourceMode}`)],
          [
            t('recommendation.weather.time'),
            <>
              {moment(weather.profileTime)}
              {observation === undefined || sourceMode !== 'live' ? null : (
                <>
                  <br />
                  <span className="soft">{ageText(weather, observation, t)}</span>
                </>
              )}
            </>,
          ],
          [t('feature.inversionPresent'), conditionText(t, String(inversionPresent))],
          [t('feature.humidityLayering'), conditionText(t, humidityLayering)],
          [t('feature.windShearProxy'), conditionText(t, windShearProxy)],
          [t('feature.sprayWindowScore'), formats.percent(weather.sprayWindowScore)],
          [t('feature.diseaseRiskScore'), formats.percent(weather.diseaseRiskScore)],
          [t('feature.heatStressScore'), formats.percent(heatStressScore)],
        ]}
      />
      {layers.length === 0 ? null : (
        <div className="listing">
          <Layers layers={layers} />
        </div>
      )}
    </>
  )
}

const HOUR_MS = 3_600_000

/** How long before or after the observation the weather was, in whole hours. */
function ageText({ profileTime }: WeatherFeatures, { extraction }: Observation, t: T): string {
  const hours = Math.round((Date.parse(extraction.observationTime) - Date.parse(profileTime)) / HOUR_MS)
  if (hours === 0) return t('recommendation.weather.same')
  return t(hours > 0 ? 'recommendation.weather.before' : 'recommendation.weather.after', {
    count: Math.abs(hours),
  })
}

function Layers({ layers }: Pick<WeatherFeatures, 'layers'>) {
  const { t, formats } = useMessages()
  const columns = ['height', 'temperature', 'humidity', 'wind'] as const
  return (
    <table className="table">
      <caption className="visually-hidden">{t('recommendation.weather')}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col" className="number">
              {t(`recommendation.weather.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {layers
          .toSorted((a, b) => a.altitudeM - b.altitudeM)
          .map(({ altitudeM, relativeHumidityPct, temperatureC, windSpeedKph }, index) => {
            const values = [
              formats.length(altitudeM),
              formats.quantity('celsius', temperatureC),
              formats.quantity('percent', relativeHumidityPct),
              formats.quantity('kph', windSpeedKph),
            ]
            return (
              <tr key={`${index} ${altitudeM}`}>
                {columns.map((column, at) => (
                  <td key={column} className="number" data-label={t(`recommendation.weather.${column}`)}>
                    <div>{values[at]}</div>
                  </td>
                ))}
              </tr>
            )
          })}
      </tbody>
    </table>
  )
}
