import {
  type CreateGrantInput,
  type DeviceId,
  GRANT_ACTIONS,
  type GrantAction,
  type PlaybookId,
} from '@fieldsync/contracts'
import { fromZoned, zoneNameOf } from '@fieldsync/messages'
import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import { Dialog } from '../../components/dialog.tsx'
import { ErrorNote } from '../../components/error-note.tsx'
import { MOST_OFFERED } from '../../components/filter-values.ts'
import { useChange } from '../../components/steps.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { usePersonName } from '../../server/person-names.ts'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { givableActions } from './grant-tree.ts'

type Props = {
  readonly playbookId: PlaybookId
  readonly place: { readonly path: string; readonly name: string }
  readonly close: () => void
}

/** Lets somebody change a place of this playbook, for a time: at most what the caller may do there (GRA-7). */
export function GiveGrant({ playbookId, place, close }: Props) {
  const { t, language } = useMessages()
  const api = useApi()
  const { session, server } = useSignedIn()
  const { timeZone } = session.workspace
  const holders = useHolders()
  const nameOf = usePersonName()
  const [typed, setTyped] = useState({ holder: '', actions: ['edit'], from: '', until: '' })
  const [isTried, setTried] = useState(false)
  const instant = (text: string): string | null =>
    text === '' ? null : new Date(fromZoned(text, timeZone)).toISOString()
  const [notBefore, expiresAt] = [instant(typed.from), instant(typed.until)]
  const now = server.clock.now()
  const givable = givableActions(session.grants, { playbookId, path: place.path, notBefore, expiresAt }, now)
  const actions = givable.filter((action) => typed.actions.includes(action))
  const holder = holders.find((each) => each === typed.holder)
  const isOver =
    expiresAt !== null && Date.parse(expiresAt) <= Math.max(now, Date.parse(notBefore ?? '') || 0)
  const change = useChange(async () => {
    if (holder !== undefined)
      await api.grants.create.mutate(
        inputOf(playbookId, place.path, { holder, actions, notBefore, expiresAt }),
      )
  }, close)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (holder !== undefined && actions.length > 0 && !isOver) change.mutate()
  }
  const edit = (part: Partial<typeof typed>): void => setTyped({ ...typed, ...part })
  const zone = ` (${zoneNameOf(language, timeZone)})`
  return (
    <Dialog close={close} title={t('grants.give.at', { place: place.name })}>
      <form className="page" onSubmit={submit} noValidate>
        <NativeSelect
          label={t('grants.give.holder')}
          description={t('grants.give.holder.about')}
          value={typed.holder}
          onChange={({ currentTarget }) => edit({ holder: currentTarget.value })}
          data={['', ...holders.map((value) => ({ value, label: nameOf(value) }))]}
          error={isTried && holder === undefined ? t('grants.give.holder.none') : undefined}
          data-autofocus
        />
        <Checkbox.Group
          label={t('grants.give.actions')}
          value={actions}
          onChange={(next) => edit({ actions: next })}
          error={isTried && actions.length === 0 ? t('grants.give.actions.none') : undefined}
        >
          <div className="page">
            {GRANT_ACTIONS.map((action) => (
              <Checkbox
                key={action}
                value={action}
                label={t(`grants.action.${action}`)}
                disabled={!givable.includes(action)}
                description={givable.includes(action) ? undefined : t('grants.give.more')}
              />
            ))}
          </div>
        </Checkbox.Group>
        <TextInput
          type="datetime-local"
          label={t('grants.give.from') + zone}
          value={typed.from}
          onChange={({ currentTarget }) => edit({ from: currentTarget.value })}
        />
        <TextInput
          type="datetime-local"
          label={t('grants.give.until') + zone}
          value={typed.until}
          onChange={({ currentTarget }) => edit({ until: currentTarget.value })}
          error={isOver ? t('grants.give.period') : undefined}
        />
        <p className="soft">{t('grants.give.lead')}</p>
        {change.error === null ? null : <ErrorNote error={change.error} />}
        <div className="row">
          <Button type="submit" loading={change.isPending}>
            {t('grants.give')}
          </Button>
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

type Chosen = {
  readonly holder: DeviceId
  readonly actions: readonly GrantAction[]
  readonly notBefore: string | null
  readonly expiresAt: string | null
}

const inputOf = (
  playbookId: PlaybookId,
  path: string,
  { holder: deviceId, actions, notBefore, expiresAt }: Chosen,
): CreateGrantInput => ({
  deviceId,
  playbookId,
  path,
  actions: [...actions],
  ...(notBefore === null ? {} : { notBefore }),
  ...(expiresAt === null ? {} : { expiresAt }),
})

/** Who can hold a grant, people first: whose role may edit playbooks (GRA-12). */
function useHolders(): readonly DeviceId[] {
  const api = useApi()
  const knowsPeople = useMay('people.list')
  const { data } = useQuery({
    queryKey: ['devices', 'to grant to', knowsPeople],
    queryFn: async ({ signal }) => {
      const [people, devices] = await Promise.all([
        knowsPeople ? api.people.list.query({ limit: MOST_OFFERED }, { signal }) : { items: [] },
        api.devices.list.query({ limit: MOST_OFFERED }, { signal }),
      ])
      const present = [
        ...people.items.filter(({ endedAt }) => endedAt === null),
        ...devices.items.filter(({ revokedAt }) => revokedAt === null),
      ]
      return present.flatMap(({ deviceId, role }) =>
        role === 'agronomist' || role === 'admin' ? [deviceId] : [],
      )
    },
  })
  return data ?? []
}
