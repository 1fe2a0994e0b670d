import { platform } from '#platform'
import { registerRootComponent } from 'expo'
import { createElement } from 'react'

import { App } from './src/shell/app.tsx'

registerRootComponent(() => createElement(App, { platform }))
