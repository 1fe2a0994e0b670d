import { radius, space, type Tone } from '@fieldsync/design'
import type { EngineStatus } from '@fieldsync/sync-engine'
import { View } from 'react-native'

import { useClient } from '../data/client-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import type { Say } from '../messages/messages.ts'
import { useColors } from '../theme/theme-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Text } from '../ui/text.tsx'

type Props = { readonly status: EngineStatus; readonly now: number }

/** The numbers of what is only on this device, when it last synced, and the button that syncs. */
export function SyncCard({ status, now }: Props) {
  const { t, formats } = useTexts()
  const { sync } = useClient()
  const { state, pending, conflicts, quarantined, lastSyncAt, nextTryAt, progress } = status
  const isSyncing = state === 'syncing'
  const time = (at: number) => formats.briefMoment(at, now)
  return (
    <Card gap={space.l}>
      <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: space.s }}>
        <Count tone={pending > 0 ? 'waiting' : 'calm'} value={pending} label={t('home.pending')} />
        <Count tone={conflicts > 0 ? 'clash' : 'calm'} value={conflicts} label={t('home.conflicts')} />
        <Count tone={quarantined > 0 ? 'broken' : 'calm'} value={quarantined} label={t('home.quarantined')} />
      </View>
      <View style={{ gap: space.xs }}>
        <Text as="note" soft live>
          {lastSyncAt === null ? t('home.neverSynced') : t('home.lastSync', { time: time(lastSyncAt) })}
        </Text>
        {nextTryAt !== null && (
          <Text as="note" soft>
            {t('home.nextTry', { time: time(nextTryAt) })}
          </Text>
        )}
        {progress !== null && progress.sent + progress.received > 0 && (
          <Text as="note" soft>
            {progressText(t, progress)}
          </Text>
        )}
      </View>
      <Button
        wide
        icon="sync"
        label={isSyncing ? t('home.syncing') : t('home.syncNow')}
        disabled={isSyncing}
        onPress={() => void sync()}
      />
    </Card>
  )
}

/** How far a sync is; a zero is left out. */
const progressText = (t: Say, { sent, received }: NonNullable<EngineStatus['progress']>): string =>
  [
    sent > 0 && t('home.progress.sent', { count: sent }),
    received > 0 && t('home.progress.received', { count: received }),
  ]
    .filter((each) => each !== false)
    .join(', ')

function Count({
  tone,
  value,
  label,
}: {
  readonly tone: Tone
  readonly value: number
  readonly label: string
}) {
  const { formats } = useTexts()
  const { ink, fill } = useColors().tones[tone]
  return (
    <View
      aria-label={`${label}: ${formats.number(value)}`}
      role="group"
      style={{
        flexGrow: 1,
        flexBasis: 72,
        borderRadius: radius.m,
        backgroundColor: fill,
        paddingVertical: space.m,
        paddingHorizontal: space.s,
        alignItems: 'center',
      }}
    >
      <Text as="number" color={ink}>
        {formats.number(value)}
      </Text>
      <Text as="small" color={ink} style={{ textAlign: 'center' }}>
        {label}
      </Text>
    </View>
  )
}
