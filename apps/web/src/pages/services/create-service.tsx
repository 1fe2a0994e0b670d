import { isFieldsyncError } from '@fieldsync/client'
import { Button, Radio, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'

import { Dialog } from '../../components/dialog.tsx'
import { ErrorNote, LockedNote } from '../../components/error-note.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useApi, useMay } from '../../server/server.ts'
import { GrantFields } from './grant-fields.tsx'
import { SecretOnce } from './secret-once.tsx'
import { createInputOf, serviceProblems, SERVICE_WAYS, type ServiceValues } from './service-form.ts'

const EMPTY: ServiceValues = {
  serviceId: 'dev_svc_',
  scopes: ['read'],
  deviceIds: [],
  way: 'secret',
  publicKey: '',
}

/** Creates a service; a secret is shown here and nowhere again (APP-97). */
export function CreateService({ close }: { close: () => void }) {
  const { t } = useMessages()
  const api = useApi()
  const mayCreate = useMay('services.create')
  const queries = useQueryClient()
  const form = useRef<HTMLFormElement>(null)
  const [values, setValues] = useState(EMPTY)
  const [isTried, setTried] = useState(false)
  const problems = isTried ? serviceProblems(values) : {}
  const focus = (name: string): void => form.current?.querySelector<HTMLElement>(`[name="${name}"]`)?.focus()
  const creation = useMutation({
    mutationFn: () => api.services.create.mutate(createInputOf(values)),
    onSuccess: () => queries.invalidateQueries(),
    onError: (error) => {
      if (isFieldsyncError(error, 'CONFLICT')) focus('serviceId')
    },
  })
  const edit = (part: Partial<ServiceValues>): void => setValues({ ...values, ...part })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const [first] = Object.keys(serviceProblems(values))
    if (first === undefined) creation.mutate()
    else {
      setTried(true)
      focus(first)
    }
  }
  if (creation.data !== undefined) {
    return (
      <Dialog close={close} title={t('services.created')} closesBySlip={creation.data.clientSecret === null}>
        <div className="page">
          <SecretOnce {...creation.data} done={close} />
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog close={close} title={t('services.create')}>
      <form ref={form} className="page" onSubmit={submit} noValidate>
        <TextInput
          label={t('services.id')}
          description={t('services.id.about')}
          name="serviceId"
          value={values.serviceId}
          onChange={({ currentTarget }) => edit({ serviceId: currentTarget.value })}
          error={problems.serviceId ? t('services.id.wrong') : undefined}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        <GrantFields
          chosen={values}
          onChange={edit}
          scopesError={problems.scopes ? t('services.scopes.wrong') : undefined}
        />
        <WayFields values={values} edit={edit} problem={problems.publicKey} />
        {creation.error === null ? null : <ErrorNote error={creation.error} />}
        {mayCreate ? null : <LockedNote />}
        <div className="row">
          <Button type="submit" loading={creation.isPending} disabled={!mayCreate}>
            {t('services.create')}
          </Button>
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

type WayProps = {
  readonly values: Pick<ServiceValues, 'way' | 'publicKey'>
  readonly edit: (part: Partial<Pick<ServiceValues, 'way' | 'publicKey'>>) => void
  readonly problem: string | undefined
}

/** By what a service authenticates, and its public key where it has one. */
export function WayFields({ values: { way, publicKey }, edit, problem }: WayProps) {
  const { t } = useMessages()
  return (
    <>
      <Radio.Group
        label={t('services.way')}
        value={way}
        onChange={(next) => edit({ way: next === 'key' ? 'key' : 'secret' })}
      >
        <div className="page">
          {SERVICE_WAYS.map((each) => (
            <Radio
              key={each}
              value={each}
              label={t(`services.way.${each}`)}
              description={t(`services.way.${each}.about`)}
            />
          ))}
        </div>
      </Radio.Group>
      {way === 'key' ? (
        <Textarea
          label={t('services.key')}
          description={t('services.key.about')}
          name="publicKey"
          rows={4}
          value={publicKey}
          onChange={({ currentTarget }) => edit({ publicKey: currentTarget.value })}
          error={
            problem === undefined
              ? undefined
              : t(problem === 'privateKey' ? 'services.key.private' : 'services.key.wrong')
          }
          autoComplete="off"
          spellCheck={false}
        />
      ) : null}
    </>
  )
}
