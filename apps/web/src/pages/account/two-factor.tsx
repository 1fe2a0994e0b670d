import { Button } from '@mantine/core'
import { useState } from 'react'

import { Badge } from '../../components/badge.tsx'
import { useMessages } from '../../messages/messages.tsx'
import type { SignedInPerson } from '../../server/server.ts'
import { DisableTwoFactor } from './disable-two-factor.tsx'
import { EnableTwoFactor } from './enable-two-factor.tsx'

/** Whether the person signs in with a second factor, and how they change that (APP-80). */
export function TwoFactor({ person: { email, twoFactor } }: { person: SignedInPerson['person'] }) {
  const { t } = useMessages()
  const [opened, setOpened] = useState<'enable' | 'disable' | null>(null)
  const close = (): void => setOpened(null)
  return (
    <section className="card">
      <h2>{t('twoFactor.title')}</h2>
      <div className="row">
        <Badge tone={twoFactor ? 'settled' : 'calm'}>{t(twoFactor ? 'twoFactor.on' : 'twoFactor.off')}</Badge>
        <span className="soft">{t(twoFactor ? 'twoFactor.on.about' : 'twoFactor.off.about')}</span>
      </div>
      <div className="row">
        <Button variant="default" onClick={() => setOpened(twoFactor ? 'disable' : 'enable')}>
          {t(twoFactor ? 'twoFactor.disable' : 'twoFactor.enable')}
        </Button>
      </div>
      {opened === 'enable' ? <EnableTwoFactor email={email} close={close} /> : null}
      {opened === 'disable' ? <DisableTwoFactor email={email} close={close} /> : null}
    </section>
  )
}
