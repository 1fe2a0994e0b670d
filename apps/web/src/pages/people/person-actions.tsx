import { DeviceRole, type PersonRecord } from '@fieldsync/contracts'
import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'

import { Dialog } from '../../components/dialog.tsx'
import { ShownOnce } from '../../components/shown-once.tsx'
import { Steps, useChange } from '../../components/steps.tsx'
import { useMessages, useMomentText } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'

const ACTIONS = { setRole: SetRole, resetLink: ResetLink, endAccess: EndAccess } as const

/** What an admin may do with a person's access to this workspace; one whose access has ended is invited again. */
export function PersonActions({ person }: { person: PersonRecord }) {
  const { t } = useMessages()
  const [opened, setOpened] = useState<keyof typeof ACTIONS | null>(null)
  if (person.endedAt !== null) return null
  const Opened = opened === null ? null : ACTIONS[opened]
  return (
    <div className="row">
      <Button variant="default" onClick={() => setOpened('setRole')}>
        {t('devices.setRole')}
      </Button>
      <Button variant="default" onClick={() => setOpened('resetLink')}>
        {t('people.resetLink')}
      </Button>
      <Button color="red" variant="outline" onClick={() => setOpened('endAccess')}>
        {t('people.endAccess')}
      </Button>
      {Opened === null ? null : <Opened person={person} close={() => setOpened(null)} />}
    </div>
  )
}

type ActionProps = { readonly person: PersonRecord; readonly close: () => void }

function SetRole({ person: { personId, deviceId, name, role }, close }: ActionProps) {
  const { t } = useMessages()
  const api = useApi()
  const [wanted, setWanted] = useState(role)
  const isOwn = useIsOwn(deviceId)
  const change = useChange(() => api.people.setRole.mutate({ personId, role: wanted }), close)
  return (
    <Dialog close={close} title={t('devices.setRole.title', { device: name })}>
      <Steps change={change} close={close} label={t('devices.setRole.go')} isReady={wanted !== role}>
        <NativeSelect
          label={t('devices.role')}
          value={wanted}
          onChange={({ currentTarget }) => setWanted(DeviceRole.parse(currentTarget.value))}
          data={DeviceRole.options.map((value) => ({ value, label: t(`role.${value}`) }))}
        />
        <p className="soft">{t('people.setRole.lead')}</p>
        {isOwn && wanted !== 'admin' ? (
          <p className="note waiting" role="alert">
            {t('people.setRole.own')}
          </p>
        ) : null}
      </Steps>
    </Dialog>
  )
}

function ResetLink({ person: { personId, name }, close }: ActionProps) {
  const { t } = useMessages()
  const api = useApi()
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  const change = useChange(() => api.people.resetLink.mutate({ personId }))
  const title = t('people.resetLink.title', { name })
  if (change.data) {
    const { link, expiresAt } = change.data
    return (
      <Dialog close={close} title={title} closesBySlip={false}>
        <div className="page">
          <ShownOnce
            text={link ?? undefined}
            name="person-link"
            sure={t('people.link.sure')}
            gone={t('people.link.gone')}
            done={close}
            lead={<p>{t('people.resetLink.once', { name })}</p>}
          >
            <p className="soft">{t('people.link.until', { until: moment(expiresAt) })}</p>
          </ShownOnce>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog close={close} title={title}>
      <Steps change={change} close={close} label={t('people.resetLink.go')}>
        <p>{t('people.resetLink.lead')}</p>
        <p className="soft">{t('people.resetLink.others')}</p>
      </Steps>
    </Dialog>
  )
}

function EndAccess({ person: { personId, deviceId, name }, close }: ActionProps) {
  const { t } = useMessages()
  const api = useApi()
  const isOwn = useIsOwn(deviceId)
  const change = useChange(() => api.people.endAccess.mutate({ personId }), close)
  return (
    <Dialog close={close} title={t('people.endAccess.title', { name })}>
      <Steps change={change} close={close} label={t('people.endAccess.go')} isDanger>
        <p>{t('people.endAccess.lead')}</p>
        {isOwn ? (
          <p className="note waiting" role="alert">
            {t('people.endAccess.own')}
          </p>
        ) : null}
      </Steps>
    </Dialog>
  )
}

const useIsOwn = (deviceId: string): boolean => useSignedIn().session.deviceId === deviceId
