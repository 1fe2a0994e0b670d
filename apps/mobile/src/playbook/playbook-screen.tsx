import type { FieldsyncClient } from '@fieldsync/client'
import { space } from '@fieldsync/design'
import { useEffect, useState } from 'react'
import { View } from 'react-native'

import { LocalOnlyNotice } from '../components/local-only-notice.tsx'
import { RecordStatusBadge } from '../components/record-status-badge.tsx'
import { useClient } from '../data/client-context.ts'
import { useStored } from '../data/use-stored.ts'
import { useTexts } from '../messages/messages-context.ts'
import { Empty } from '../ui/empty.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loading } from '../ui/loading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Text } from '../ui/text.tsx'
import { RuleCard } from './rule-card.tsx'

const all = (client: FieldsyncClient) => client.records('playbook')

/** The rules that the company goes by, with this device's own changes as far as they fit. */
export function PlaybookScreen() {
  const { t, formats } = useTexts()
  const client = useClient()
  const views = useStored(all)
  const isRebased = useRebased()
  if (views === undefined) return <Loading label={t('app.loading')} />
  if (views.length === 0) {
    return (
      <Empty
        icon="playbook"
        title={t('playbook.empty.title')}
        text={t('playbook.empty.text')}
        action={{ label: t('home.syncNow'), onPress: () => void client.sync() }}
      />
    )
  }
  const now = Date.now()
  return (
    <View style={{ gap: space.xl }}>
      {isRebased && <Notice tone="moving" icon="sync" text={t('playbook.rebased')} />}
      {views.map((view) => {
        const { id, document, server, status } = view
        return (
          <View key={id} style={{ gap: space.l }}>
            <View style={{ gap: space.xs }}>
              <Heading level={2}>
                {t('playbook.version', { version: formats.number(document.version) })}
              </Heading>
              <Text as="note" soft>
                {t('playbook.changedAt', { time: formats.moment(Date.parse(document.updatedAt), now) })}
              </Text>
              {status !== 'synced' && <RecordStatusBadge status={status} />}
            </View>
            {server !== null && server.version !== document.version && (
              <Notice tone="waiting" icon="clock" text={t('playbook.pending')} />
            )}
            <LocalOnlyNotice type="playbook" view={view} maySend={false} />
            {status === 'conflict' && <Notice tone="clash" icon="conflict" text={t('playbook.conflict')} />}
            {Object.values(document.rules).map((rule) => (
              <RuleCard key={rule.ruleId} playbookId={id} rule={rule} />
            ))}
          </View>
        )
      })}
    </View>
  )
}

/** Whether a change of this device was put on a newer version since the app was opened here. */
function useRebased(): boolean {
  const { subscribe } = useClient()
  const [isRebased, setRebased] = useState(false)
  useEffect(() => subscribe(({ kind }) => kind === 'rebased' && setRebased(true)), [subscribe])
  return isRebased
}
