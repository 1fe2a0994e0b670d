import { type DeviceRecord, DeviceRole } from '@fieldsync/contracts'
import { Button, NativeSelect, Radio } from '@mantine/core'
import { type ReactNode, useState } from 'react'

import { Dialog } from '../../components/dialog.tsx'
import { Steps, useChange } from '../../components/steps.tsx'
import { useMessages, useMomentText } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'
import { LinkOnce, TokenOnce } from './shown-once.tsx'

const ACTIONS = {
  confirmKey: ConfirmKey,
  enroll: Enroll,
  setRole: SetRole,
  reissue: ReissueToken,
  readmit: Readmit,
  revoke: Revoke,
  wipe: Wipe,
} as const

/**
 * What an admin may do with a device: all but a readmission while it is not revoked, and once it is that, or enrolling. A wipe may be
 * asked for once.
 */
export function DeviceActions({ device }: { device: DeviceRecord }) {
  const { t } = useMessages()
  const [opened, setOpened] = useState<keyof typeof ACTIONS | null>(null)
  const Opened = opened === null ? null : ACTIONS[opened]
  const isRevoked = device.revokedAt !== null
  const waits = device.key?.confirmedAt === null
  const wipe = device.wipe ? null : (
    <Button color="red" variant="outline" onClick={() => setOpened('wipe')}>
      {t('devices.wipe')}
    </Button>
  )
  return (
    <div className="row">
      {isRevoked ? (
        <>
          <Button onClick={() => setOpened('enroll')}>{t('devices.enroll')}</Button>
          <Button variant="default" onClick={() => setOpened('readmit')}>
            {t('devices.readmit')}
          </Button>
          {wipe}
        </>
      ) : (
        <>
          {waits ? <Button onClick={() => setOpened('confirmKey')}>{t('devices.confirmKey')}</Button> : null}
          <Button variant="default" onClick={() => setOpened('enroll')}>
            {t('devices.enroll')}
          </Button>
          <Button variant="default" onClick={() => setOpened('setRole')}>
            {t('devices.setRole')}
          </Button>
          <Button variant="default" onClick={() => setOpened('reissue')}>
            {t('devices.reissue')}
          </Button>
          <Button color="red" variant="outline" onClick={() => setOpened('revoke')}>
            {t('devices.revoke')}
          </Button>
          {wipe}
        </>
      )}
      {Opened === null ? null : <Opened device={device} close={() => setOpened(null)} />}
    </div>
  )
}

type ActionProps = { readonly device: DeviceRecord; readonly close: () => void }

function SetRole({ device: { deviceId, role }, close }: ActionProps) {
  const { t } = useMessages()
  const api = useApi()
  const [wanted, setWanted] = useState(DeviceRole.safeParse(role).data ?? 'scout')
  const isOwn = useIsOwn(deviceId)
  const change = useChange(() => api.devices.setRole.mutate({ deviceId, role: wanted }), close)
  return (
    <Dialog close={close} title={t('devices.setRole.title', { device: deviceId })}>
      <Steps change={change} close={close} label={t('devices.setRole.go')} isReady={wanted !== role}>
        <RoleSelect role={wanted} onChange={setWanted} />
        <p className="soft">{t('devices.setRole.lead')}</p>
        {isOwn && role === 'admin' && wanted !== 'admin' ? (
          <p className="note waiting" role="alert">
            {t('devices.setRole.own')}
          </p>
        ) : null}
      </Steps>
    </Dialog>
  )
}

/** Accepts the key that a person has compared with the one on the device's screen (ENR-5). */
function ConfirmKey({ device: { deviceId, key }, close }: ActionProps) {
  const { t } = useMessages()
  const api = useApi()
  // The one that is shown, also where the device enrolls with another one meanwhile.
  const [keyFingerprint] = useState(key?.fingerprint ?? '')
  const change = useChange(() => api.devices.confirmKey.mutate({ deviceId, keyFingerprint }), close)
  return (
    <Dialog close={close} title={t('devices.confirmKey.title', { device: deviceId })}>
      <Steps change={change} close={close} label={t('devices.confirmKey.go')}>
        <p>{t('devices.confirmKey.lead')}</p>
        <p>
          <code className="fingerprint">{keyFingerprint}</code>
        </p>
      </Steps>
    </Dialog>
  )
}

/** How long a link may be valid, in seconds. */
const VALID_SECONDS = ['600', '3600', '86400', '604800'] as const

/** Lets the device set itself up with a key of its own: a new phone, one that was revoked, or one that has a token. */
function Enroll({ device, close }: ActionProps) {
  const { t } = useMessages()
  const api = useApi()
  const { deviceId, revokedAt, key } = device
  const [validFor, setValidFor] = useState<string>(VALID_SECONDS[0])
  const isOwn = useIsOwn(deviceId)
  const change = useChange(() =>
    api.devices.openEnrollment.mutate({
      deviceId,
      validForSeconds: Number(validFor),
      ...cancelling(device),
    }),
  )
  const title = t('devices.enroll.title', { device: deviceId })
  if (change.data) {
    return (
      <Dialog close={close} title={title}>
        <div className="page">
          <LinkOnce enrollment={change.data} done={close} />
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog close={close} title={title}>
      <Steps change={change} close={close} label={t('devices.enroll.go')}>
        <p>{t('devices.enroll.lead')}</p>
        <CancelsWipe device={device} />
        {revokedAt === null || device.wipe ? null : <p>{t('devices.enroll.revoked')}</p>}
        {revokedAt === null && key ? <p>{t('devices.enroll.keyed')}</p> : null}
        {isOwn ? (
          <p className="note waiting" role="alert">
            {t('devices.enroll.own')}
          </p>
        ) : null}
        <NativeSelect
          label={t('devices.enroll.valid')}
          value={validFor}
          onChange={({ currentTarget }) => setValidFor(currentTarget.value)}
          data={VALID_SECONDS.map((value) => ({ value, label: t(`devices.enroll.valid.${value}`) }))}
        />
      </Steps>
    </Dialog>
  )
}

// Who ended the token of this very page would be signed out before the new one can be copied.
function ReissueToken({ device: { deviceId }, close }: ActionProps) {
  const { t } = useMessages()
  const api = useApi()
  const [endPrevious, setEndPrevious] = useState<'at_first_use' | 'now'>('at_first_use')
  const isOwn = useIsOwn(deviceId)
  const change = useChange(() => api.devices.reissueToken.mutate({ deviceId, endPrevious }))
  return (
    <TokenDialog
      close={close}
      deviceId={deviceId}
      token={change.data?.token}
      title={t('devices.reissue.title', { device: deviceId })}
    >
      <Steps change={change} close={close} label={t('devices.reissue.go')}>
        {isOwn ? (
          <p>{t('devices.reissue.own')}</p>
        ) : (
          <Radio.Group
            label={t('devices.reissue.end')}
            value={endPrevious}
            onChange={(value) => setEndPrevious(value === 'now' ? 'now' : 'at_first_use')}
          >
            <div className="page">
              <Radio
                value="at_first_use"
                label={t('devices.reissue.atFirstUse')}
                description={t('devices.reissue.atFirstUse.about')}
              />
              <Radio
                value="now"
                label={t('devices.reissue.now')}
                description={t('devices.reissue.now.about')}
              />
            </div>
          </Radio.Group>
        )}
      </Steps>
    </TokenDialog>
  )
}

function Readmit({ device, close }: ActionProps) {
  const { deviceId, role } = device
  const { t } = useMessages()
  const api = useApi()
  const [wanted, setWanted] = useState(DeviceRole.safeParse(role).data ?? 'scout')
  const change = useChange(() =>
    api.devices.readmit.mutate({ deviceId, role: wanted, ...cancelling(device) }),
  )
  return (
    <TokenDialog
      close={close}
      deviceId={deviceId}
      token={change.data?.token}
      title={t('devices.readmit.title', { device: deviceId })}
    >
      <Steps change={change} close={close} label={t('devices.readmit.go')}>
        <CancelsWipe device={device} />
        <p>{t(device.wipe ? 'devices.readmit.wiped' : 'devices.readmit.lead')}</p>
        <RoleSelect role={wanted} onChange={setWanted} />
      </Steps>
    </TokenDialog>
  )
}

function Revoke({ device: { deviceId }, close }: ActionProps) {
  const { t } = useMessages()
  const api = useApi()
  const isOwn = useIsOwn(deviceId)
  const change = useChange(() => api.devices.revoke.mutate({ deviceId }), close)
  return (
    <Dialog close={close} title={t('devices.revoke.title', { device: deviceId })}>
      <Steps change={change} close={close} label={t('devices.revoke.go')} isDanger>
        <p>{t('devices.revoke.lead')}</p>
        {isOwn ? (
          <p className="note waiting" role="alert">
            {t('devices.revoke.own')}
          </p>
        ) : null}
      </Steps>
    </Dialog>
  )
}

/** What is lost, by the last report of the device, before anything is asked of it (WIP-3). */
function Wipe({ device: { deviceId, report }, close }: ActionProps) {
  const { t } = useMessages()
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  const api = useApi()
  const isOwn = useIsOwn(deviceId)
  const change = useChange(() => api.devices.wipe.mutate({ deviceId }), close)
  const count = report === null ? 0 : report.pending + report.conflicts + report.quarantined
  return (
    <Dialog close={close} title={t('devices.wipe.title', { device: deviceId })}>
      <Steps change={change} close={close} label={t('devices.wipe.go')} isDanger>
        <p className="note waiting" role="alert">
          {report === null
            ? t('devices.wipe.unreported')
            : t('devices.wipe.unsent', { count, at: moment(report.reportedAt) })}
        </p>
        <p>{t('devices.wipe.lead')}</p>
        <p className="soft">{t('devices.wipe.undo')}</p>
        {isOwn ? (
          <p className="note waiting" role="alert">
            {t('devices.revoke.own')}
          </p>
        ) : null}
      </Steps>
    </Dialog>
  )
}

const isPending = ({ wipe }: DeviceRecord): boolean => wipe != null && wipe.acknowledgedAt === null

/** A wipe that the device has not acknowledged ends with what lets it in again, which the window says (WIP-6). */
const cancelling = (device: DeviceRecord) => (isPending(device) ? { cancelWipe: true } : {})

function CancelsWipe({ device }: { device: DeviceRecord }) {
  const { t } = useMessages()
  if (!isPending(device)) return null
  return (
    <p className="note waiting" role="alert">
      {t('devices.wipe.cancels')}
    </p>
  )
}

const useIsOwn = (deviceId: string): boolean => useSignedIn().session.deviceId === deviceId

function RoleSelect({ role, onChange }: { role: DeviceRole; onChange: (role: DeviceRole) => void }) {
  const { t } = useMessages()
  return (
    <NativeSelect
      label={t('devices.role')}
      value={role}
      onChange={({ currentTarget }) => onChange(DeviceRole.parse(currentTarget.value))}
      data={DeviceRole.options.map((value) => ({ value, label: t(`role.${value}`) }))}
    />
  )
}

type TokenDialogProps = {
  readonly title: string
  readonly deviceId: string
  /** Undefined until there is one; null where it was shown before. */
  readonly token: string | null | undefined
  readonly close: () => void
  readonly children: ReactNode
}

/** A window that ends with a token, which is gone with it (APP-47). */
function TokenDialog({ title, deviceId, token, close, children }: TokenDialogProps) {
  return (
    <Dialog close={close} title={title} closesBySlip={token === undefined}>
      {token === undefined ? (
        children
      ) : (
        <div className="page">
          <TokenOnce deviceId={deviceId} token={token} done={close} />
        </div>
      )}
    </Dialog>
  )
}
