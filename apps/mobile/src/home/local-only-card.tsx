import type { FieldsyncClient } from '@fieldsync/client'

import { FailureNotice } from '../components/form-notices.tsx'
import { useClient } from '../data/client-context.ts'
import { useStored } from '../data/use-stored.ts'
import { useWrite } from '../data/use-write.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Text } from '../ui/text.tsx'

/** How many records the server no longer has, and what a person can do to keep them; nothing where there are none. */
export function LocalOnlyCard({ count }: { readonly count: number }) {
  const { t } = useTexts()
  const client = useClient()
  const go = useGo()
  const { failure, write } = useWrite()
  const own = useStored(countOwn)
  if (count === 0) return null
  const resend = () =>
    write(async () => {
      await client.localOnly.resendOwn()
      return { ok: true }
    })
  return (
    <Card>
      <Heading level={2}>{t('localOnly.title')}</Heading>
      <Text live>{t('localOnly.count', { count })}</Text>
      <Text soft>{t('localOnly.text')}</Text>
      {own !== undefined && own.queued + own.toSend === 0 && <Text live>{t('localOnly.noneOfYours')}</Text>}
      {own !== undefined && own.queued > 0 && (
        <Text live>{t('localOnly.queued', { count: own.queued })}</Text>
      )}
      {own !== undefined && own.toSend > 0 && (
        <Button
          wide
          icon="up"
          label={t('localOnly.resendOwn', { count: own.toSend })}
          onPress={() => void resend()}
        />
      )}
      <FailureNotice failure={failure} />
      <Button wide label={t('localOnly.export')} onPress={() => go.to({ screen: 'settings' })} />
    </Card>
  )
}

/** Of the records only on this device, those that it may send: how many wait to be sent already, and how many do not. */
async function countOwn({ localOnly }: FieldsyncClient): Promise<{ queued: number; toSend: number }> {
  const own = (await localOnly.list({ limit: Infinity })).filter((record) => record.own)
  const queued = own.filter((record) => record.isQueued).length
  return { queued, toSend: own.length - queued }
}
