import { isFieldsyncError, NetworkError } from '@fieldsync/client'
import { Button } from '@mantine/core'

import { useMessages } from '../messages/messages.tsx'
import type { T } from '../messages/translate.ts'

/** What went wrong, in words that say what to do. */
export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useMessages()
  return (
    <div className="note" role="alert">
      <p>{told(error, t)}</p>
      {isFieldsyncError(error) ? <p className="mono">{t('error.call', { id: error.requestId })}</p> : null}
      {retry === undefined ? null : (
        <Button variant="default" size="xs" onClick={retry}>
          {t('error.retry')}
        </Button>
      )}
    </div>
  )
}

function told(error: unknown, t: T): string {
  if (error instanceof NetworkError) return t(error.kind === 'not_ours' ? 'error.notOurs' : 'error.network')
  if (!isFieldsyncError(error)) return t('error.unexpected')
  if (error.code === 'FORBIDDEN') return t('error.forbidden')
  if (error.code === 'NOT_FOUND') return t('error.notFound')
  if (error.code === 'RATE_LIMITED' || error.code === 'UNAVAILABLE') return t('error.busy')
  return t('error.refused', { message: error.message })
}
