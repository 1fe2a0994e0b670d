import { useMutation, useQueryClient } from '@tanstack/react-query'

import { Dialog } from '../../components/dialog.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { auth } from '../../server/auth.ts'
import { PasswordStep } from './password-step.tsx'

/** Ends the second factor; the recovery codes end with it. */
export function DisableTwoFactor({ email, close }: { email: string; close: () => void }) {
  const { t } = useMessages()
  const queries = useQueryClient()
  const change = useMutation({
    mutationFn: (password: string) => auth('disableTwoFactor', { password }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      close()
    },
  })
  return (
    <Dialog close={close} title={t('twoFactor.disable.title')}>
      <PasswordStep
        email={email}
        lead={<p>{t('twoFactor.disable.lead')}</p>}
        label={t('twoFactor.disable.go')}
        isDanger
        change={change}
        close={close}
      />
    </Dialog>
  )
}
