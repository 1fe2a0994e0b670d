import { Skeleton } from '@mantine/core'

import { useMessages } from '../messages/messages.tsx'

/** In the place of what is on its way. */
export function Loading({ lines = 6 }: { lines?: number }) {
  const { t } = useMessages()
  return (
    <div className="card" aria-busy="true">
      <span className="visually-hidden" role="status">
        {t('loading')}
      </span>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={22} width={`${100 - ((line * 13) % 40)}%`} />
      ))}
    </div>
  )
}
