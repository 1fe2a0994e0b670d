import { registerRootComponent } from 'expo'
import { createElement } from 'react'

import { platform } from '#platform'
import { App } from './src/shell/app.tsx'

registerRootComponent(() => createElement(App, { platform }))
