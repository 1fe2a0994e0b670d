import { Button } from '@mantine/core'

import { useMessages } from '../messages/messages.tsx'

type Props = {
  cursor: string | undefined
  next: string | null | undefined
  go: (cursor: string | undefined) => void
}

/** To the older ones, and back to the newest; the browser's own way back leads to the page before. */
export function Pager({ cursor, next, go }: Props) {
  const { t } = useMessages()
  if (cursor === undefined && (next ?? null) === null) return null
  return (
    <div className="pager">
      <Button variant="default" disabled={cursor === undefined} onClick={() => go(undefined)}>
        {t('pager.first')}
      </Button>
      <Button variant="default" disabled={(next ?? null) === null} onClick={() => go(next ?? undefined)}>
        {t('pager.next')}
      </Button>
    </div>
  )
}
