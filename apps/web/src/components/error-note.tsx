import { type FieldsyncError, isFieldsyncError, NetworkError } from '@fieldsync/client'
import { CONFLICT_CODES } from '@fieldsync/contracts'
import { refusalText } from '@fieldsync/messages'
import { Button } from '@mantine/core'

import { type T, useMessages } from '../messages/messages.tsx'
import { useSignedIn } from '../server/server.ts'

type ErrorProps = {
  error: unknown
  retry?: (() => void) | undefined
  /** In place of the general sentence. */
  text?: string | undefined
}

/** What went wrong, in words that say what to do. */
export function ErrorNote({ error, retry, text }: ErrorProps) {
  const { t } = useMessages()
  return (
    <div className="note clash" role="alert">
      <p>{text ?? errorText(error, t)}</p>
      {isFieldsyncError(error) ? <p className="mono">{t('error.call', { id: error.requestId })}</p> : null}
      {error instanceof Error ? <ServerText text={error.message} /> : null}
      {retry === undefined ? null : (
        <Button variant="default" size="xs" onClick={retry}>
          {t('error.retry')}
        </Button>
      )}
    </div>
  )
}

/** In a form that may no longer be sent: the role of the device, or of the person, has changed under it. */
export function LockedNote() {
  const { t } = useMessages()
  const { person } = useSignedIn()
  return (
    <p className="note waiting" role="alert">
      {t(person === undefined ? 'error.locked' : 'error.locked.person')}
    </p>
  )
}

/** What the server or the program says itself, in English, for whoever helps: shown on request (APP-49). */
export function ServerText({ text }: { text: string }) {
  const { t } = useMessages()
  return (
    <details>
      <summary>{t('error.details')}</summary>
      <p lang="en">{text}</p>
    </details>
  )
}

/** What went wrong in the person's language, by the error's code and reason (APP-49). */
export function errorText(error: unknown, t: T): string {
  if (error instanceof NetworkError) {
    // The console is served by its server: where that redirects, something else has answered, as a page to sign in.
    const isOther = error.kind === 'not_ours' || error.kind === 'redirected'
    return t(isOther ? 'error.notOurs' : 'error.network')
  }
  if (!isFieldsyncError(error)) return t('error.unexpected')
  if (error.code === 'NOT_FOUND') return t('error.notFound')
  if (isFieldsyncError(error, 'VALIDATION_ERROR')) {
    const fields = (error.details?.issues ?? []).map(({ path }) => fieldOf(path, t))
    return t('error.invalid', { fields: [...new Set(fields)].join(', ') || '–' })
  }
  if (error.code === 'CONFLICT' && reasonOf(error) === undefined) return t('error.exists')
  const conflict = CONFLICT_CODES.find((code) => code === error.code)
  if (conflict !== undefined && conflict !== 'FORBIDDEN') return t(`why.${conflict}`)
  return refusalText(t, { code: error.sentCode, reason: reasonOf(error) })
}

const reasonOf = (error: FieldsyncError): string | undefined =>
  isFieldsyncError(error, 'AUTH_REQUIRED') ||
  isFieldsyncError(error, 'FORBIDDEN') ||
  isFieldsyncError(error, 'CONFLICT') ||
  isFieldsyncError(error, 'CONTRACT_UNSUPPORTED')
    ? error.details?.reason
    : undefined

const NAMED = ['deviceId', 'fieldBlock', 'status', 'issue', 'severity'] as const

/** A field of a request by the name that pages give it. */
function fieldOf(path: string, t: T): string {
  const last = path.split('/').at(-1) ?? ''
  if (last === 'from' || last === 'to') return t(`filters.${last}`)
  if (last === 'personId') return t('audit.personId')
  if (last === 'recordId') return t('audit.recordId')
  if (last === 'path') return t('audit.path')
  const known = NAMED.find((name) => name === last)
  return known === undefined ? last : t(`field.${known}`)
}
