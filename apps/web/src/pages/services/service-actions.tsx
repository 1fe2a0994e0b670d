import type { ServiceRecord } from '@fieldsync/contracts'
import { Button, Radio } from '@mantine/core'
import { useState } from 'react'

import { Dialog } from '../../components/dialog.tsx'
import { Steps, useChange } from '../../components/steps.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useApi } from '../../server/server.ts'
import { WayFields } from './create-service.tsx'
import { GrantFields } from './grant-fields.tsx'
import { SecretOnce } from './secret-once.tsx'
import {
  type ChosenGrants,
  grantChangeOf,
  keyInputOf,
  readPublicKey,
  type ServiceValues,
} from './service-form.ts'

const ACTIONS = { grant: Grant, rotate: Rotate, revoke: Revoke } as const

/** What an admin may do with a service; a revoked one is revoked for good (SVC-7). */
export function ServiceActions({ service }: { service: ServiceRecord }) {
  const { t } = useMessages()
  const [opened, setOpened] = useState<keyof typeof ACTIONS | null>(null)
  if (service.revokedAt !== null) return null
  const Opened = opened === null ? null : ACTIONS[opened]
  return (
    <div className="row">
      <Button variant="default" onClick={() => setOpened('grant')}>
        {t('services.grant')}
      </Button>
      <Button variant="default" onClick={() => setOpened('rotate')}>
        {t('services.rotate')}
      </Button>
      <Button color="red" variant="outline" onClick={() => setOpened('revoke')}>
        {t('services.revoke')}
      </Button>
      {Opened === null ? null : <Opened service={service} close={() => setOpened(null)} />}
    </div>
  )
}

type ActionProps = { readonly service: ServiceRecord; readonly close: () => void }

function Grant({ service, close }: ActionProps) {
  const { t } = useMessages()
  const api = useApi()
  const [chosen, setChosen] = useState<ChosenGrants>(service)
  const wanted = grantChangeOf(chosen, service)
  const change = useChange(async () => {
    if (wanted !== undefined) await api.services.grant.mutate(wanted)
  }, close)
  return (
    <Dialog close={close} title={t('services.grant.title', { service: service.serviceId })}>
      <Steps change={change} close={close} label={t('services.grant.go')} isReady={wanted !== undefined}>
        <GrantFields
          chosen={chosen}
          onChange={setChosen}
          scopesError={chosen.scopes.length === 0 ? t('services.scopes.wrong') : undefined}
        />
        <p className="soft">{t('services.grant.lead')}</p>
      </Steps>
    </Dialog>
  )
}

function Rotate({ service: { serviceId, clientId, authentication }, close }: ActionProps) {
  const { t } = useMessages()
  const api = useApi()
  const [end, setEnd] = useState<'at_first_use' | 'now'>('at_first_use')
  const [values, setValues] = useState<Pick<ServiceValues, 'way' | 'publicKey'>>({
    way: authentication[0]?.kind === 'key' ? 'key' : 'secret',
    publicKey: '',
  })
  const key = values.way === 'key' ? readPublicKey(values.publicKey) : undefined
  const problem = key && 'problem' in key ? key.problem : undefined
  const change = useChange(() =>
    api.services.rotate.mutate({
      serviceId,
      endPrevious: end,
      ...keyInputOf(values),
    }),
  )
  if (change.data) {
    const { clientSecret } = change.data
    return (
      <Dialog close={close} title={t('services.rotated')} closesBySlip={clientSecret === null}>
        <div className="page">
          <SecretOnce {...change.data} clientId={clientId} done={close} />
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog close={close} title={t('services.rotate.title', { service: serviceId })}>
      <Steps change={change} close={close} label={t('services.rotate.go')} isReady={problem === undefined}>
        <WayFields
          values={values}
          edit={(part) => setValues({ ...values, ...part })}
          problem={values.publicKey === '' ? undefined : problem}
        />
        <Radio.Group
          label={t('services.rotate.end')}
          value={end}
          onChange={(value) => setEnd(value === 'now' ? 'now' : 'at_first_use')}
        >
          <div className="page">
            <Radio
              value="at_first_use"
              label={t('services.rotate.atFirstUse')}
              description={t('services.rotate.atFirstUse.about')}
            />
            <Radio
              value="now"
              label={t('services.rotate.now')}
              description={t('services.rotate.now.about')}
            />
          </div>
        </Radio.Group>
      </Steps>
    </Dialog>
  )
}

function Revoke({ service: { serviceId }, close }: ActionProps) {
  const { t } = useMessages()
  const api = useApi()
  const change = useChange(() => api.services.revoke.mutate({ serviceId }), close)
  return (
    <Dialog close={close} title={t('services.revoke.title', { service: serviceId })}>
      <Steps change={change} close={close} label={t('services.revoke.go')} isDanger>
        <p>{t('services.revoke.lead')}</p>
      </Steps>
    </Dialog>
  )
}
