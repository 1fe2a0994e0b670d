import { isFieldsyncError } from '@fieldsync/client'
import {
  type ChangeSettingsInput,
  MAX_PAGE_SIZE,
  WeatherSetting,
  type WorkspaceSettings,
} from '@fieldsync/contracts'
import { zoneNameOf } from '@fieldsync/messages'
import { Button, Checkbox, Radio, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'

import { Dialog } from '../../components/dialog.tsx'
import { ErrorNote } from '../../components/error-note.tsx'
import { Steps } from '../../components/steps.tsx'
import { useMessages, useMomentText } from '../../messages/messages.tsx'
import { usePersonName } from '../../server/person-names.ts'
import { useApi, useSignedIn } from '../../server/server.ts'
import { changeOf, changesAnything, type ChosenSettings, chosenOf } from './chosen-settings.ts'

/**
 * The settings as a form. What a person has chosen stays until it is saved or discarded, whatever others change meanwhile;
 * then their settings are shown first.
 */
export function EditSettings({ settings }: { settings: WorkspaceSettings }) {
  const { t, language } = useMessages()
  const { timeZone } = useSignedIn().session.workspace
  const [edited, setEdited] = useState<ChosenSettings | null>(null)
  const [isIncomplete, setIncomplete] = useState(false)
  const [asks, setAsks] = useState(false)
  const until = useRef<HTMLInputElement>(null)
  const chosen = edited ?? chosenOf(settings, timeZone)
  const wanted = changeOf(chosen, settings, { timeZone, now: Date.now() })
  const isSuperseded = chosen.baseVersion !== settings.version
  const change = useSave(wanted, (isSaved) => {
    if (isSaved) setEdited(null)
    setAsks(false)
  })
  const edit = (next: ChosenSettings | null): void => {
    change.reset()
    setIncomplete(false)
    setEdited(next)
  }
  const choose = (part: Partial<ChosenSettings>): void => edit({ ...chosen, ...part })
  const save = (event: FormEvent): void => {
    event.preventDefault()
    if (wanted === undefined) {
      setIncomplete(true)
      until.current?.focus()
    } else if (wanted.deviceTokens !== undefined && chosen.mode !== 'allowed') setAsks(true)
    else change.mutate()
  }
  return (
    <form className="card" onSubmit={save} noValidate>
      <Checkbox
        label={t('settings.confirmKeys')}
        description={t('settings.confirmKeys.about')}
        checked={chosen.confirmKeys}
        onChange={({ currentTarget }) => choose({ confirmKeys: currentTarget.checked })}
      />
      <Checkbox
        label={t('settings.fourEyes')}
        description={t('settings.fourEyes.about')}
        checked={chosen.fourEyes}
        onChange={({ currentTarget }) => choose({ fourEyes: currentTarget.checked })}
      />
      <Checkbox
        label={t('settings.secondFactor')}
        description={t('settings.secondFactor.about')}
        checked={chosen.secondFactor === 'required'}
        onChange={({ currentTarget }) =>
          choose({ secondFactor: currentTarget.checked ? 'required' : 'optional' })
        }
      />
      <Radio.Group label={t('settings.tokens')} value={chosen.mode} onChange={(mode) => choose({ mode })}>
        <div className="page">
          {(['allowed', 'until', 'refused'] as const).map((mode) => (
            <Radio
              key={mode}
              value={mode}
              label={t(`settings.tokens.${mode}`)}
              description={t(`settings.tokens.${mode}.about`)}
            />
          ))}
        </div>
      </Radio.Group>
      {chosen.mode === 'until' ? (
        <TextInput
          ref={until}
          type="datetime-local"
          label={`${t('settings.tokens.moment')} (${zoneNameOf(language, timeZone)})`}
          value={chosen.until}
          onChange={({ currentTarget }) => choose({ until: currentTarget.value })}
          error={isIncomplete ? t('settings.tokens.moment.wrong') : undefined}
        />
      ) : null}
      <Radio.Group
        label={t('settings.weather')}
        value={chosen.weather}
        onChange={(weather) => choose({ weather })}
      >
        <div className="page">
          {WeatherSetting.options.map((source) => (
            <Radio
              key={source}
              value={source}
              label={t(`settings.weather.${source}`)}
              description={t(`settings.weather.${source}.about`)}
            />
          ))}
        </div>
      </Radio.Group>
      {isSuperseded ? (
        <Superseded
          settings={settings}
          keep={() => choose({ baseVersion: settings.version })}
          discard={() => edit(null)}
        />
      ) : null}
      {change.error === null || isSuperseded || asks ? null : <ErrorNote error={change.error} />}
      <div className="row">
        <Button type="submit" disabled={!changesAnything(wanted) || isSuperseded} loading={change.isPending}>
          {t('settings.save')}
        </Button>
        {edited === null || isSuperseded ? null : (
          <Button variant="default" onClick={() => edit(null)}>
            {t('edit.discard')}
          </Button>
        )}
      </div>
      {asks ? (
        <ShutOut
          mode={chosen.mode === 'until' ? 'until' : 'refused'}
          count={settings.preShared.devices}
          change={change}
          close={() => setAsks(false)}
        />
      ) : null}
    </form>
  )
}

/** Saves what was chosen. Where another admin was first, what is set now is fetched and the form shows it. */
function useSave(wanted: ChangeSettingsInput | undefined, done: (isSaved: boolean) => void) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async () => {
      if (wanted !== undefined) await api.workspace.changeSettings.mutate(wanted)
    },
    onSuccess: async () => {
      await queries.invalidateQueries()
      done(true)
    },
    onError: async (error) => {
      if (!isFieldsyncError(error, 'CONFLICT') || error.details?.reason !== 'settings_version') return
      await queries.invalidateQueries({ queryKey: ['settings'] })
      done(false)
    },
  })
}

type SupersededProps = { settings: WorkspaceSettings; keep: () => void; discard: () => void }

/** What another admin has set while the person was choosing. */
function Superseded({ settings, keep, discard }: SupersededProps) {
  const { t } = useMessages()
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  const nameOf = usePersonName()
  const {
    changedAt,
    changedBy,
    confirmKeys,
    fourEyes,
    deviceTokens,
    weather = 'live',
    secondFactor,
  } = settings
  const tokens =
    deviceTokens.mode === 'until'
      ? t('settings.tokens.untilMoment', { at: moment(deviceTokens.until) })
      : t(`settings.tokens.${deviceTokens.mode}`)
  return (
    <div className="note waiting" role="alert">
      <p>
        {t('settings.superseded', {
          who: changedBy === null ? t('settings.operator') : nameOf(changedBy),
          at: changedAt === null ? '–' : moment(changedAt),
        })}
      </p>
      <ul>
        <li>{`${t('settings.confirmKeys')}: ${t(confirmKeys ? 'yes' : 'no')}`}</li>
        <li>{`${t('settings.fourEyes')}: ${t(fourEyes ? 'yes' : 'no')}`}</li>
        <li>{`${t('settings.secondFactor')}: ${t(secondFactor === 'required' ? 'yes' : 'no')}`}</li>
        <li>{`${t('settings.tokens')}: ${tokens}`}</li>
        <li>{`${t('settings.weather')}: ${t(`settings.weather.${weather}`)}`}</li>
      </ul>
      <div className="row">
        <Button variant="default" onClick={discard}>
          {t('settings.superseded.theirs')}
        </Button>
        <Button variant="default" onClick={keep}>
          {t('settings.superseded.mine')}
        </Button>
      </div>
    </div>
  )
}

/** How many devices are named one by one. */
const NAMED = 8

type ShutOutProps = {
  readonly mode: 'until' | 'refused'
  /** Devices with a token. */
  readonly count: number
  readonly change: ReturnType<typeof useSave>
  readonly close: () => void
}

/** Which devices the change shuts out, before it is made. */
function ShutOut({ mode, count, change, close }: ShutOutProps) {
  const { t } = useMessages()
  const api = useApi()
  const { session } = useSignedIn()
  const { data: devices } = useQuery({
    queryKey: ['devices', { credential: 'preShared' }, MAX_PAGE_SIZE],
    queryFn: async ({ signal }) =>
      (await api.devices.list.query({ credential: 'preShared', limit: MAX_PAGE_SIZE }, { signal })).items,
  })
  const isOwn = devices?.some(({ deviceId }) => deviceId === session.deviceId) === true
  return (
    <Dialog close={close} title={t(`settings.shutOut.${mode}.title`)}>
      <Steps change={change} close={close} label={t(`settings.shutOut.${mode}.go`)} isDanger>
        <p>{count === 0 ? t('settings.shutOut.none') : t(`settings.shutOut.${mode}`, { count })}</p>
        {devices === undefined || devices.length === 0 ? null : (
          <ul>
            {devices.slice(0, NAMED).map(({ deviceId, role }) => (
              <li key={deviceId}>{`${deviceId} (${t(`role.${role}`)})`}</li>
            ))}
            {count > NAMED ? <li>{t('settings.shutOut.more', { count: count - NAMED })}</li> : null}
          </ul>
        )}
        {isOwn ? (
          <p className="note waiting" role="alert">
            {t('settings.shutOut.own')}
          </p>
        ) : null}
      </Steps>
    </Dialog>
  )
}
