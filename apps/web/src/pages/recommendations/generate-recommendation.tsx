import type { Observation } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'

import { ErrorNote } from '../../components/error-note.tsx'
import { useChange } from '../../components/steps.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'

/**
 * Has the server compute a recommendation for a note, by the present playbook and the weather that it has: for who may correct
 * notes, and for the note's author (APP-109). The same one again where nothing differs.
 */
export function GenerateRecommendation({ observation }: { observation: Observation }) {
  const { t } = useMessages()
  const api = useApi()
  const { session } = useSignedIn()
  const isAuthor = observation.deviceId === session.deviceId
  const mayWrite = useMay('recommendations.generate')
  const { observationId } = observation
  const generation = useChange(() => api.recommendations.generate.mutate({ observationId }))
  if (!mayWrite || !(isAuthor || session.rights.includes('observations.correct'))) return null
  return (
    <>
      <div className="row">
        <Button variant="default" loading={generation.isPending} onClick={() => generation.mutate()}>
          {t('recommendation.generate')}
        </Button>
      </div>
      {generation.data === undefined ? null : (
        <p className="note calm" role="status">
          {t('recommendation.generated.done')}{' '}
          <Link
            to="/recommendations/$recommendationId"
            params={{ recommendationId: generation.data.recommendationId }}
          >
            {t('recommendation.generated.go')}
          </Link>
        </p>
      )}
      {generation.error === null ? null : <ErrorNote error={generation.error} />}
    </>
  )
}
