import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { ErrorNote } from '../../components/error-note.tsx'
import { Facts } from '../../components/facts.tsx'
import { useChange } from '../../components/steps.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { auth } from '../../server/auth.ts'
import type { SignedInPerson } from '../../server/server.ts'

/** The name that others see, and the address to sign in with. */
export function Profile({ person: { name, email } }: { person: SignedInPerson['person'] }) {
  const { t } = useMessages()
  const [typed, setTyped] = useState<string | null>(null)
  const wanted = (typed ?? name).trim()
  const change = useChange(
    () => auth('profile', { name: wanted }),
    () => setTyped(null),
  )
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (wanted !== '' && wanted !== name) change.mutate()
  }
  return (
    <form className="card" onSubmit={submit} noValidate>
      <h2>{t('account.profile')}</h2>
      <TextInput
        label={t('account.name')}
        description={t('account.name.about')}
        value={typed ?? name}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        error={wanted === '' ? t('account.name.empty') : undefined}
        autoComplete="name"
      />
      <Facts of={[[t('signIn.email'), email]]} />
      {change.error === null ? null : <ErrorNote error={change.error} />}
      <div className="row">
        <Button type="submit" loading={change.isPending} disabled={wanted === '' || wanted === name}>
          {t('account.save')}
        </Button>
      </div>
    </form>
  )
}
