import type { GrantRecord } from '@fieldsync/contracts'

import { Dialog } from '../../components/dialog.tsx'
import { Steps, useChange } from '../../components/steps.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { usePersonName } from '../../server/person-names.ts'
import { useApi, useSignedIn } from '../../server/server.ts'

/** Ends a grant, after what that means was read. */
export function EndGrant({ grant, close }: { readonly grant: GrantRecord; readonly close: () => void }) {
  const { t } = useMessages()
  const api = useApi()
  const { session } = useSignedIn()
  const { grantId, deviceId, byRole } = grant
  const device = usePersonName()(deviceId)
  const change = useChange(() => api.grants.revoke.mutate({ grantId }), close)
  return (
    <Dialog close={close} title={t('grants.end.title', { device })}>
      <Steps change={change} close={close} label={t('grants.end.go')} isDanger>
        <p>{t('grants.end.lead', { device })}</p>
        {byRole ? <p>{t('grants.end.role', { device })}</p> : null}
        {deviceId === session.deviceId ? <p className="note waiting">{t('grants.end.self')}</p> : null}
      </Steps>
    </Dialog>
  )
}
