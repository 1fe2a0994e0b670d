import { useState } from 'react'

import { useGo } from '../navigation/navigation-context.ts'
import { useClient } from '../sync/client-context.ts'
import { useWrite } from '../sync/use-write.ts'
import { useTexts } from '../texts/texts-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Words } from '../ui/words.tsx'

/** How many records the server no longer has, and what a person can do to keep them; nothing where there are none. */
export function LocalOnlyCard({ count }: { readonly count: number }) {
  const { t } = useTexts()
  const { sync } = useClient()
  const go = useGo()
  const { failure, write } = useWrite()
  const [queued, setQueued] = useState<number>()
  if (count === 0) return null
  const resend = () =>
    write(async () => {
      setQueued(await sync.localOnly.resendOwn())
      return { ok: true }
    })
  return (
    <Card>
      <Heading level={2}>{t('localOnly.title')}</Heading>
      <Words live>{t('localOnly.count', { count })}</Words>
      <Words soft>{t('localOnly.text')}</Words>
      {queued !== undefined && (
        <Words live>
          {queued === 0 ? t('localOnly.noneOfYours') : t('localOnly.queued', { count: queued })}
        </Words>
      )}
      <Button wide icon="up" label={t('localOnly.resendOwn')} onPress={() => void resend()} />
      {failure !== undefined && <Notice tone="broken" text={failure} />}
      <Button wide label={t('localOnly.export')} onPress={() => go.to({ screen: 'settings' })} />
    </Card>
  )
}
