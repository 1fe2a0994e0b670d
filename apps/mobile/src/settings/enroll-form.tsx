import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { FailureNotice } from '../components/form-notices.tsx'
import { isLink } from '../data/enrollment.ts'
import { useTexts } from '../messages/messages-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { Button } from '../ui/button.tsx'
import { Loading } from '../ui/loading.tsx'
import { Notice } from '../ui/notice.tsx'
import { TextField } from '../ui/text-field.tsx'
import { ScanCode } from './scan-code.tsx'
import type { EnrollmentForm } from './use-enrollment.ts'

type Props = {
  readonly form: EnrollmentForm
  /** The app was opened by the link: there is nothing to type. */
  readonly isOpened?: boolean
}

/** Sets this device up with the link or the code that an administrator has opened for it. */
export function EnrollForm({ form, isOpened = false }: Props) {
  const { t } = useTexts()
  const { defaultServer, scanner } = usePlatform()
  const { typed, server, problems, running, failure } = form
  if (running !== null) return <Loading label={t('setup.running', { server: running })} />
  return (
    <View style={{ gap: space.l }}>
      <FailureNotice failure={failure} />
      {isOpened && problems.typed && <Notice tone="broken" text={t('setup.link.problem')} />}
      {!isOpened && scanner !== null && <ScanCode scanner={scanner} onRead={form.scan} />}
      {!isOpened && (
        <TextField
          label={t('setup.link')}
          hint={t('setup.link.hint')}
          kind="name"
          value={typed}
          onChange={form.setTyped}
          problem={problems.typed ? t('setup.link.problem') : undefined}
        />
      )}
      {!isLink(typed) && (
        <TextField
          label={t('setup.server')}
          kind="address"
          value={server}
          onChange={form.setServer}
          {...(defaultServer === ''
            ? {}
            : { hint: t('settings.server.default', { address: defaultServer }) })}
          problem={problems.server ? t('setup.server.problem') : undefined}
        />
      )}
      <Button
        kind="primary"
        wide
        label={t(form.mayRetry ? 'app.retry' : 'setup.link.action')}
        onPress={() => void form.start()}
      />
    </View>
  )
}
