import { isFieldsyncError, NetworkError } from '@fieldsync/client'
import { CONFLICT_CODES } from '@fieldsync/contracts'
import { Button } from '@mantine/core'

import { type T, useMessages } from '../messages/messages.tsx'

/** What went wrong, in words that say what to do. */
export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useMessages()
  return (
    <div className="note clash" role="alert">
      <p>{errorText(error, t)}</p>
      {isFieldsyncError(error) ? <p className="mono">{t('error.call', { id: error.requestId })}</p> : null}
      {retry === undefined ? null : (
        <Button variant="default" size="xs" onClick={retry}>
          {t('error.retry')}
        </Button>
      )}
    </div>
  )
}

function errorText(error: unknown, t: T): string {
  if (error instanceof NetworkError) {
    // The console is served by its server: where that redirects, something else has answered, as a page to sign in.
    const isOther = error.kind === 'not_ours' || error.kind === 'redirected'
    return t(isOther ? 'error.notOurs' : 'error.network')
  }
  if (!isFieldsyncError(error)) return t('error.unexpected')
  if (error.code === 'FORBIDDEN') return t('error.forbidden')
  if (error.code === 'NOT_FOUND') return t('error.notFound')
  if (error.code === 'RATE_LIMITED' || error.code === 'UNAVAILABLE') return t('error.busy')
  if (isFieldsyncError(error, 'VALIDATION_ERROR')) {
    const fields = (error.details?.issues ?? []).map(({ path }) => fieldOf(path, t))
    return t('error.invalid', { fields: [...new Set(fields)].join(', ') || '–' })
  }
  if (error.code === 'CONFLICT') return t('error.exists')
  const conflict = CONFLICT_CODES.find((code) => code === error.code)
  return conflict === undefined ? t('error.refused', { code: error.code }) : t(`why.${conflict}`)
}

const NAMED = ['deviceId', 'fieldBlock', 'status', 'issue', 'severity'] as const

/** A field of a request by the name that pages give it. */
function fieldOf(path: string, t: T): string {
  const last = path.split('/').at(-1) ?? ''
  if (last === 'from' || last === 'to') return t(`filters.${last}`)
  const known = NAMED.find((name) => name === last)
  return known === undefined ? last : t(`field.${known}`)
}
