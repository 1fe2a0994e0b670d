import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { useMessages } from '../messages/messages.tsx'
import { ErrorNote } from './error-note.tsx'

/** A change; what the page shows is fetched again before the window closes over it. */
export function useChange<T>(mutationFn: () => Promise<T>, close?: () => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: async () => {
      // First, so that the focus does not return to a button that is about to go.
      await queries.invalidateQueries()
      close?.()
    },
  })
}

type StepsProps = {
  readonly change: ReturnType<typeof useChange<unknown>>
  readonly close: () => void
  readonly label: string
  readonly isReady?: boolean
  readonly isDanger?: boolean
  readonly children: ReactNode
}

/** What is about to happen, why it failed, and the two ways on. */
export function Steps({ change, close, label, isReady = true, isDanger = false, children }: StepsProps) {
  const { t } = useMessages()
  return (
    <div className="page">
      {children}
      {change.error === null ? null : <ErrorNote error={change.error} />}
      <div className="row">
        <Button
          {...(isDanger ? { color: 'red' } : {})}
          loading={change.isPending}
          disabled={!isReady}
          onClick={() => change.mutate()}
        >
          {label}
        </Button>
        <Button variant="default" onClick={close} data-autofocus={isDanger}>
          {t('cancel')}
        </Button>
      </div>
    </div>
  )
}
