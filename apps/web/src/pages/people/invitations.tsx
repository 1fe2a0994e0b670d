import type { InvitationRecord } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'

import { Badge } from '../../components/badge.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { type Column, Listed, MOMENT } from '../../components/listed.tsx'
import { Steps, useChange } from '../../components/steps.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'

const TONES = { open: 'waiting', accepted: 'settled', withdrawn: 'calm', expired: 'calm' } as const

/** Who is invited, and what became of it; an open invitation can be withdrawn. */
export function Invitations() {
  const { t } = useMessages()
  const api = useApi()
  const [cursor, setCursor] = useState<string>()
  const [withdrawing, setWithdrawing] = useState<InvitationRecord | null>(null)
  const columns = useInvitationColumns(setWithdrawing)
  const query = useQuery({
    queryKey: ['invitations', cursor],
    queryFn: ({ signal }) => api.people.invitations.query(cursor === undefined ? {} : { cursor }, { signal }),
    enabled: useMay('people.invitations'),
  })
  return (
    <>
      <h2>{t('invitations.title')}</h2>
      <Listed
        query={query}
        caption={t('invitations.title')}
        columns={columns}
        idOf={({ invitationId }) => invitationId}
        none={{ title: t('invitations.none'), lead: t('invitations.none.lead') }}
        cursor={cursor}
        go={setCursor}
      />
      {withdrawing === null ? null : <Withdraw invitation={withdrawing} close={() => setWithdrawing(null)} />}
    </>
  )
}

type WithdrawProps = { readonly invitation: InvitationRecord; readonly close: () => void }

function Withdraw({ invitation: { invitationId, email }, close }: WithdrawProps) {
  const { t } = useMessages()
  const api = useApi()
  const change = useChange(() => api.people.withdrawInvitation.mutate({ invitationId }), close)
  return (
    <Dialog close={close} title={t('invitations.withdraw.title', { email })}>
      <Steps change={change} close={close} label={t('invitations.withdraw.go')} isDanger>
        <p>{t('invitations.withdraw.lead')}</p>
      </Steps>
    </Dialog>
  )
}

function useInvitationColumns(withdraw: (invitation: InvitationRecord) => void): Column<InvitationRecord>[] {
  const { t } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  const mayWithdraw = useMay('people.withdrawInvitation')
  return useMemo(
    () => [
      { id: 'email', header: t('signIn.email'), cell: ({ row: { original } }) => original.email },
      {
        id: 'role',
        header: t('devices.role'),
        cell: ({ row: { original } }) => t(`role.${original.role}`),
      },
      {
        id: 'state',
        header: t('devices.state'),
        cell: ({ row: { original } }) => (
          <Badge tone={TONES[original.state]}>{t(`invitations.${original.state}`)}</Badge>
        ),
      },
      {
        id: 'until',
        header: t('invitations.until'),
        meta: MOMENT,
        cell: ({ row: { original } }) => moment(original.expiresAt),
      },
      {
        id: 'actions',
        header: t('invitations.actions'),
        cell: ({ row: { original } }) =>
          mayWithdraw && original.state === 'open' ? (
            <Button
              variant="default"
              size="xs"
              onClick={() => withdraw(original)}
              aria-label={t('invitations.withdraw.of', { email: original.email })}
            >
              {t('invitations.withdraw')}
            </Button>
          ) : (
            '–'
          ),
      },
    ],
    [t, moment, mayWithdraw, withdraw],
  )
}
