import { Component, type ReactNode } from 'react'

import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { Empty } from '../ui/empty.tsx'

type Props = { readonly children: ReactNode }
type State = { readonly failure: string | undefined }

/** Keeps a screen that fails from taking the app with it: the others, and the export of what is unsent, still work. */
export class ScreenGuard extends Component<Props, State> {
  override state: State = { failure: undefined }

  static getDerivedStateFromError(error: unknown): State {
    return { failure: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    const { failure } = this.state
    return failure === undefined ? this.props.children : <BrokenScreen failure={failure} />
  }
}

function BrokenScreen({ failure }: { readonly failure: string }) {
  const { t } = useTexts()
  const go = useGo()
  return (
    <Empty
      icon="warning"
      title={t('app.broken.title')}
      text={t('app.broken.text', { message: failure })}
      action={{ label: t('app.broken.action'), onPress: () => go.to({ screen: 'settings' }) }}
    />
  )
}
