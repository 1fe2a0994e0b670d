import type { FieldsyncClient } from '@fieldsync/client'
import { useCallback } from 'react'

import { useStored } from '../data/use-stored.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { Empty } from '../ui/empty.tsx'
import { Loading } from '../ui/loading.tsx'
import { ChangeValue } from './change-value.tsx'
import { editableValue } from './rule-values.ts'

type Props = { readonly playbookId: string; readonly pointer: string }

/** One value of a playbook to be changed, should it be there and open to change. */
export function ValueScreen({ playbookId, pointer }: Props) {
  const { t } = useTexts()
  const go = useGo()
  const read = useCallback((client: FieldsyncClient) => client.record('playbook', playbookId), [playbookId])
  const view = useStored(read)
  if (view === undefined) return <Loading label={t('app.loading')} />
  const value = view === null ? null : editableValue(view.document, pointer)
  if (view === null || value === null) {
    return (
      <Empty
        icon="lock"
        title={t('value.locked.title')}
        text={t('value.locked.text')}
        action={{ label: t('value.locked.action'), onPress: () => go.replace({ screen: 'playbook' }) }}
      />
    )
  }
  return <ChangeValue playbook={view.document} pointer={pointer} value={value} />
}
