import { MAX_GRANTED_DEVICES, MAX_PAGE_SIZE, ServiceScope } from '@fieldsync/contracts'
import { Checkbox, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { useMessages } from '../../messages/messages.tsx'
import { useApi } from '../../server/server.ts'
import { type ChosenGrants, shownDevices, writesFor } from './service-form.ts'

type Props = {
  readonly chosen: ChosenGrants
  readonly onChange: (chosen: ChosenGrants) => void
  /** The first scope's field is focused where none is chosen. */
  readonly scopesError?: string | undefined
}

/** What a service may do, and the devices that it may write for. */
export function GrantFields({ chosen, onChange, scopesError }: Props) {
  const { t } = useMessages()
  const { scopes, deviceIds } = chosen
  return (
    <>
      <Checkbox.Group
        label={t('services.scopes')}
        value={[...scopes]}
        onChange={(next) => onChange({ ...chosen, scopes: next })}
        error={scopesError}
      >
        <div className="page">
          {ServiceScope.options.map((scope) => (
            <Checkbox
              key={scope}
              name="scopes"
              value={scope}
              label={t(`services.scope.${scope}`)}
              description={t(`services.scope.${scope}.about`)}
            />
          ))}
        </div>
      </Checkbox.Group>
      {writesFor(scopes) || deviceIds.length > 0 ? (
        <DeviceChoice
          chosen={deviceIds}
          onChange={(next) => onChange({ ...chosen, deviceIds: next })}
          isIdle={!writesFor(scopes)}
        />
      ) : null}
    </>
  )
}

type ChoiceProps = {
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
  /** It may write for none, whatever is chosen. */
  readonly isIdle: boolean
}

function DeviceChoice({ chosen, onChange, isIdle }: ChoiceProps) {
  const { t } = useMessages()
  const known = useDevices()
  const [typed, setTyped] = useState('')
  // In the order in which they were found, so that none moves away under the pointer.
  const [first] = useState(chosen)
  const shown = shownDevices(known, first, typed)
  return (
    <Checkbox.Group
      label={t('services.devices')}
      description={isIdle ? t('services.devices.unneeded') : t('services.devices.about')}
      value={[...chosen]}
      onChange={onChange}
      maxSelectedValues={MAX_GRANTED_DEVICES}
    >
      <TextInput
        size="xs"
        aria-label={t('services.devices.find')}
        placeholder={t('services.devices.find')}
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        onKeyDown={(event) => {
          // It is no field of the form around it.
          if (event.key === 'Enter') event.preventDefault()
        }}
        autoComplete="off"
      />
      <div className="choices">
        {shown.map((deviceId) => (
          <Checkbox key={deviceId} value={deviceId} label={deviceId} />
        ))}
        {shown.length === 0 ? <p className="soft">{t('services.devices.empty')}</p> : null}
      </div>
    </Checkbox.Group>
  )
}

/** Devices that a service can write for: no record is created for a revoked one (SVC-6). */
function useDevices(): readonly string[] {
  const api = useApi()
  const { data } = useQuery({
    queryKey: ['devices', 'to write for'],
    queryFn: async ({ signal }) => {
      const found: string[] = []
      let cursor: string | undefined
      do {
        const page = await api.devices.list.query(
          { limit: MAX_PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) },
          { signal },
        )
        for (const { deviceId, revokedAt } of page.items) if (revokedAt === null) found.push(deviceId)
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined && found.length < MAX_GRANTED_DEVICES)
      return found
    },
  })
  return data ?? []
}
