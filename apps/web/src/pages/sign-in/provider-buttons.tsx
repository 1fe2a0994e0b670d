import type { AuthSession } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'

import { ErrorNote } from '../../components/error-note.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { auth } from '../../server/auth.ts'

type Props = {
  readonly providers: AuthSession['providers']
  readonly label: 'signIn.provider' | 'connect.go'
}

/** Leads to an organization's own sign-in, which sends the browser back to the present page. */
export function ProviderButtons({ providers, label }: Props) {
  const { t } = useMessages()
  const { mutate, isPending, variables, error } = useMutation({
    mutationFn: async (providerId: string) => {
      const { pathname, search } = globalThis.location
      const { url } = await auth('provider', { providerId, returnTo: `${pathname}${search}` })
      globalThis.location.assign(url)
    },
  })
  return (
    <>
      {providers.map(({ id, name }) => (
        <Button
          key={id}
          variant="default"
          size="md"
          loading={isPending && variables === id}
          onClick={() => mutate(id)}
        >
          {t(label, { name })}
        </Button>
      ))}
      {error === null ? null : <ErrorNote error={error} text={t('signIn.provider.unavailable')} />}
    </>
  )
}
