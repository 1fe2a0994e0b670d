import { connectServer, deviceToken, isFieldsyncError } from '@fieldsync/client'
import { Button, Checkbox, PasswordInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { ErrorNote } from '../../components/error-note.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { Preferences } from '../../shell/preferences.tsx'

type Props = { enter: (token: string, remember: boolean) => void; refused: boolean }

/** Asks for a device token and tries it before it is kept. */
export function SignIn({ enter, refused }: Props) {
  const { t } = useMessages()
  const [token, setToken] = useState('')
  const [remember, setRemember] = useState(false)
  const trial = useMutation({
    mutationFn: (tried: string) =>
      connectServer({
        url: globalThis.location.origin,
        credentials: deviceToken(tried),
      }).api.session.get.query({}),
    onSuccess: (_session, tried) => enter(tried, remember),
  })
  const submit = (event: { preventDefault: () => void }): void => {
    event.preventDefault()
    const given = token.trim()
    if (given !== '') trial.mutate(given)
  }
  const wrong = isFieldsyncError(trial.error, 'AUTH_REQUIRED')
  return (
    <main className="gate">
      <div>
        <p className="brand">
          <img src="/icon.svg" alt="" width={36} height={36} />
          {t('app.name')}
        </p>
        <form className="card" onSubmit={submit}>
          <div>
            <h1>{t('signIn.title')}</h1>
            <p className="soft">{t('signIn.lead')}</p>
          </div>
          {refused && !trial.isError ? <p className="note waiting">{t('signIn.ended')}</p> : null}
          <PasswordInput
            label={t('signIn.token')}
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            error={wrong ? t('signIn.wrong') : undefined}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.show'), tabIndex: 0 }}
            autoComplete="off"
            spellCheck={false}
            required
            withAsterisk={false}
            size="md"
          />
          <Checkbox
            label={t('signIn.remember')}
            checked={remember}
            onChange={(event) => setRemember(event.currentTarget.checked)}
          />
          {trial.error !== null && !wrong ? <ErrorNote error={trial.error} /> : null}
          <Button type="submit" size="md" loading={trial.isPending}>
            {t('signIn.go')}
          </Button>
          <p className="soft">{t('signIn.where')}</p>
        </form>
        <Preferences />
      </div>
    </main>
  )
}
