import { consoleLink, type OpenedEnrollment, readEnrollmentLink } from '@fieldsync/contracts'
import { Button } from '@mantine/core'

import { CopyButton, Gone, QrCode, ShownOnce, useCopy } from '../../components/shown-once.tsx'
import { useMessages, useMomentText } from '../../messages/messages.tsx'
import { homeUrl } from '../../server/credential.ts'
import { useSignedIn } from '../../server/server.ts'

type Props = {
  deviceId: string
  /** Null where it was shown before. */
  token: string | null
  done: () => void
}

/** A new device's token, as text and as a picture for its camera. */
export function TokenOnce({ deviceId, token, done }: Props) {
  const { t } = useMessages()
  return (
    <ShownOnce
      text={token ?? undefined}
      name="token"
      qrLabel={t('devices.token.qr')}
      sure={t('devices.token.sure')}
      gone={t('devices.token.gone')}
      done={done}
      lead={<p>{t('devices.token.lead', { device: deviceId })}</p>}
    />
  )
}

/** An opened enrollment: its link as a picture and as text, and the code in it. Another one is easily had. */
export function LinkOnce({ enrollment, done }: { enrollment: OpenedEnrollment; done: () => void }) {
  const { t } = useMessages()
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  const copy = useCopy()
  const { deviceId, link, code, expiresAt } = enrollment
  if (link === null || code === null) return <Gone text={t('devices.enroll.gone')} done={done} />
  return (
    <>
      <p>{t('devices.enroll.once', { device: deviceId })}</p>
      <QrCode text={link} label={t('devices.enroll.qr')} />
      <code className="token" data-testid="link">
        {link}
      </code>
      <p className="soft">{t('devices.enroll.code', { code })}</p>
      <p className="soft">{t('devices.enroll.console')}</p>
      <code className="token" data-testid="console-link">
        {consoleLink(readEnrollmentLink(link)?.address ?? homeUrl(), code)}
      </code>
      <p className="soft">{t('devices.enroll.until', { until: moment(expiresAt) })}</p>
      <CopyButton copy={copy} text={link} />
      <Button variant="default" onClick={done}>
        {t('once.done')}
      </Button>
    </>
  )
}
