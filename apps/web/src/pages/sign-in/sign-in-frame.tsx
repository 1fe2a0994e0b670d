import type { ReactNode } from 'react'

import { useMessages } from '../../messages/messages.tsx'
import { Preferences } from '../../shell/preferences.tsx'

type Props = {
  readonly title: string
  /** In the card, below the title. */
  readonly children: ReactNode
  /** Below the card. */
  readonly more?: ReactNode
}

/** A page for whoever is not in: one card in the middle, with the language and colors below it. */
export function SignInFrame({ title, children, more }: Props) {
  const { t } = useMessages()
  return (
    <main className="gate">
      <div>
        <p className="brand">
          <img src="/icon.svg" alt="" width={36} height={36} />
          {t('app.name')}
        </p>
        <div className="card">
          <h1>{title}</h1>
          {children}
        </div>
        {more}
        <Preferences />
      </div>
    </main>
  )
}
