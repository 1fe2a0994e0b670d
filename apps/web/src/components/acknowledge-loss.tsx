import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'

import { useMessages } from '../messages/messages.tsx'
import { useApi } from '../server/server.ts'
import { Dialog } from './dialog.tsx'
import { ErrorNote } from './error-note.tsx'

const LONGEST = 500

/** An admin says what happened, and the loss counts as known (APP-96). */
export function AcknowledgeLoss({ close }: { close: () => void }) {
  const { t } = useMessages()
  const api = useApi()
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const [isIncomplete, setIncomplete] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const change = useMutation({
    mutationFn: () => api.audit.acknowledgeLoss.mutate({ reason: reason.trim() }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      close()
    },
  })
  const save = (event: FormEvent): void => {
    event.preventDefault()
    if (reason.trim() === '') {
      setIncomplete(true)
      field.current?.focus()
    } else change.mutate()
  }
  return (
    <Dialog title={t('checkpoints.acknowledge')} close={close}>
      <form className="page" onSubmit={save} noValidate>
        <p>{t('checkpoints.acknowledge.lead')}</p>
        <TextInput
          ref={field}
          data-autofocus
          label={t('checkpoints.acknowledge.reason')}
          maxLength={LONGEST}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
          error={isIncomplete && reason.trim() === '' ? t('checkpoints.acknowledge.reason.wrong') : undefined}
        />
        {change.error === null ? null : <ErrorNote error={change.error} />}
        <div className="row">
          <Button type="submit" loading={change.isPending}>
            {t('checkpoints.acknowledge')}
          </Button>
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
